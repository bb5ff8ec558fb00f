"""The forest diagnostic: features from the declarations, the estimators, and what they learnt in words."""
