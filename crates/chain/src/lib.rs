//! Input-output systems: value added in exports, look-through exposure, cuts.
