"""The guide catalogue: what a citizen needs to bring, how long it takes, what it costs and where, as published."""
