"""The trading system without its faces: no Dash, no DeepSeek, no shell."""
