"""One module for each group of features, with what each feature is and how it is computed."""
