"""Engines that train LoRA adapters."""
