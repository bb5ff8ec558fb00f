"""What the words of a page mean: in its glossary, and where a reader points at one."""

GLOSSARY = {
    "held-out": "Of questions that the model was not trained on: it learnt from the other folds.",
    "s(x)": "The held-out score of one question: the probability given to the gold option, or what the "
    "predicted number or text scores.",
    "blind baseline": "What needs no model: for a type of choice chance or the most frequent answer of the "
    "training folds, whichever scores more; for numbers the best constant answer of those.",
    "gain": "The score minus the blind baseline, in points.",
    "s(x) - baseline": "How much more a question earns than its blind baseline: high where the text alone "
    "gives the answer away.",
    "zero-shot": "The score of the same language model without training.",
    "weighted mean": "The mean over questions, so large types count more.",
    "macro mean": "The mean over question types, each counting the same.",
    "fold": "The questions that are held out together.",
    "grouped": "Of a diagnostic whose folds keep groups whole: what it learnt of a scene, an image or a "
    "video is of no use for those that are held out.",
    "group": "What questions share outside the text: a scene, an image, a video.",
    "shortcut": "A rule that anybody could follow without looking, and that beats the blind baseline.",
    "worth": "How many points of the whole score following a rule adds to the blind baseline: the questions "
    "that it applies to times what it scores there above the baseline, divided by all questions.",
    "interval": "Where the figure lies with a confidence of 95%, by resampling questions, or groups of them.",
}
"""Definitions by term."""
