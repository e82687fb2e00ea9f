//! Specialisation, complexity and relatedness of any place x activity table.
