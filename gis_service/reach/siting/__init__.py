"""Where to open the next facilities: location set covering, maximal covering and p-median."""
