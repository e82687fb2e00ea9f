//! Growth accounting, ranks of indicators and the enabler that lags.
