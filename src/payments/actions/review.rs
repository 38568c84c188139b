//! What a reviewer decides.
