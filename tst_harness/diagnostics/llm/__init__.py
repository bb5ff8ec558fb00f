"""The LLM diagnostic (TsT-LLM): a language model fine-tuned with LoRA on the other folds."""
