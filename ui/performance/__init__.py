"""The page Performance, and the tabs with equity and calibration."""
