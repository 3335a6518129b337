"""The built-in exchange: a Binance USD-M compatible server over a market that needs no network."""
