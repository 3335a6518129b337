"""Trades and order books, folded into what a bar can say of them."""
