//! The face step: photographs and people ([`photo`]), the live check and every way around it ([`live`]).

mod late;
mod live;
mod onsite;
mod photo;
mod poses;
mod scene;
mod stored;
