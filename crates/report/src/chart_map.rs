//! Shapes coloured by value: the world in the Equal Earth projection, China in Albers' equal-area conic.

use crate::colour::{Classes, INK, NO_VALUE};
use crate::drawing::{Drawing, coordinate, escape};
use crate::number::format_number;
use crate::text_width::wrap;
use frame::{Language, Text};
use strategy::{Format, MapShape};

/// Detail finer than this (pixels) is not drawn.
const TOLERANCE: f64 = 0.8;

/// What a map shows.
pub(crate) struct Map<'a> {
    pub(crate) legend: &'a Text,
    pub(crate) format: Format,
    pub(crate) projection: &'a str,
    pub(crate) shapes: &'a [MapShape],
}

/// A longitude and latitude (degrees) on the plane, y upwards, in the Equal Earth projection
/// (Šavrič, Patterson and Jenny 2018, doi:10.1080/13658816.2018.1504949).
pub(crate) fn equal_earth(longitude: f64, latitude: f64) -> (f64, f64) {
    const A: [f64; 4] = [1.340264, -0.081106, 0.000893, 0.003796];
    let root3 = 3f64.sqrt();
    let t = (root3 / 2.0 * latitude.to_radians().sin()).asin();
    let (t2, t6) = (t * t, t.powi(6));
    let x = 2.0 * root3 * longitude.to_radians() * t.cos() / (3.0 * (A[0] + 3.0 * A[1] * t2 + t6 * (7.0 * A[2] + 9.0 * A[3] * t2)));
    (x, t * (A[0] + A[1] * t2 + t6 * (A[2] + A[3] * t2)))
}

/// A longitude and latitude (degrees) on the plane, y upwards, in Albers' equal-area conic projection with the standard parallels
/// 25°N and 47°N and the centre 105°E, as maps of China use it (Snyder 1987, USGS Professional Paper 1395, equations 14-1 to 14-6).
pub(crate) fn albers_china(longitude: f64, latitude: f64) -> (f64, f64) {
    let (first, second, origin) = (25f64.to_radians(), 47f64.to_radians(), 35f64.to_radians());
    let n = (first.sin() + second.sin()) / 2.0;
    let c = first.cos().powi(2) + 2.0 * n * first.sin();
    let rho = |phi: f64| (c - 2.0 * n * phi.sin()).max(0.0).sqrt() / n;
    let theta = n * (longitude - 105.0).to_radians();
    let r = rho(latitude.to_radians());
    (r * theta.sin(), rho(origin) - r * theta.cos())
}

fn bounds<'a>(points: impl Iterator<Item = &'a (f64, f64)>) -> Option<(f64, f64, f64, f64)> {
    let (a, b, c, d) = points.fold((f64::INFINITY, f64::INFINITY, f64::NEG_INFINITY, f64::NEG_INFINITY), |(a, b, c, d), (x, y)| {
        (a.min(*x), b.min(*y), c.max(*x), d.max(*y))
    });
    (a <= c && b <= d).then_some((a, b, c, d))
}

/// A ring as path data without the points that lie closer than `tolerance` to the one before; a ring that crosses the antimeridian is
/// cut there, so that no line runs across the map. Steps are relative and in tenths, which is half the bytes.
fn path(ring: &[(f64, f64)], across: f64, tolerance: f64) -> String {
    let mut out = String::new();
    // where the pen stands, in whole tenths, so that the rounding of steps does not add up
    let mut pen: Option<(i64, i64)> = None;
    let mut last: Option<(f64, f64)> = None;
    for (i, (x, y)) in ring.iter().enumerate() {
        if last.is_some_and(|(a, b)| (x - a).hypot(y - b) < tolerance) && i + 1 != ring.len() {
            continue;
        }
        let at = ((x * 10.0).round() as i64, (y * 10.0).round() as i64);
        match (pen, last) {
            (Some(pen), Some((a, _))) if (x - a).abs() <= across / 2.0 => {
                if at != pen {
                    out.push_str(&format!("l{} {}", coordinate((at.0 - pen.0) as f64 / 10.0), coordinate((at.1 - pen.1) as f64 / 10.0)));
                }
            }
            _ => out.push_str(&format!("M{} {}", coordinate(*x), coordinate(*y))),
        }
        pen = Some(at);
        last = Some((*x, *y));
    }
    out.push('Z');
    out
}

/// Draws the map below `top` and returns where it ends; `None` when no shape has a value or is highlighted.
pub(crate) fn draw(drawing: &mut Drawing, top: f64, map: &Map<'_>) -> Option<f64> {
    let language: Language = drawing.language;
    let value = |shape: &MapShape| shape.value.filter(|v| v.is_finite());
    let project = if map.projection == "china" { albers_china } else { equal_earth };
    let projected: Vec<Vec<Vec<(f64, f64)>>> = map
        .shapes
        .iter()
        .map(|shape| {
            let ring = |ring: &Vec<(f32, f32)>| -> Vec<(f64, f64)> {
                ring.iter()
                    .filter(|(lon, lat)| lon.is_finite() && lat.is_finite())
                    .map(|(lon, lat)| project(f64::from(*lon), f64::from(*lat)))
                    .collect()
            };
            shape.rings.iter().map(ring).filter(|ring| ring.len() > 2).collect()
        })
        .collect();
    if !map.shapes.iter().any(|shape| value(shape).is_some() || shape.highlighted) {
        return None;
    }
    let (x0, y0, x1, y1) = bounds(projected.iter().flatten().flatten())?;
    let classes = Classes::new(map.shapes.iter().filter_map(value));

    let mut y = top;
    for line in wrap(map.legend.get(language), 13.0, drawing.width, 2) {
        drawing.text((0.0, y + 13.0), crate::drawing::Anchor::Start, 13.0, INK, r#"font-weight="600""#, &line);
        y += 18.0;
    }
    let mut keys: Vec<(String, String)> = classes
        .iter()
        .flat_map(Classes::legend)
        .map(|(colour, low, high)| {
            let printed = format_number(low, map.format, language);
            let upper = format_number(high, map.format, language);
            (colour, if printed == upper { printed } else { format!("{printed} – {upper}") })
        })
        .collect();
    if map.shapes.iter().any(|shape| value(shape).is_none()) {
        let name = match language {
            Language::En => "no data",
            Language::Zh => "无数据",
        };
        keys.push((NO_VALUE.to_owned(), name.to_owned()));
    }
    y += drawing.legend(y + 2.0, &keys);

    let margin = 3.0;
    let scale = (drawing.width - 2.0 * margin) / (x1 - x0).max(1e-9);
    // a tall map is not let grow past a page
    let scale = scale.min(620.0 / (y1 - y0).max(1e-9));
    let left = (drawing.width - (x1 - x0) * scale) / 2.0;
    let at = |(px, py): (f64, f64)| (left + (px - x0) * scale, y + margin + (y1 - py) * scale);
    let across = (x1 - x0) * scale;
    let mut outlines: Vec<(String, String)> = Vec::new();
    let mut rings_around: Vec<((f64, f64), String)> = Vec::new();
    for (shape, rings) in map.shapes.iter().zip(&projected) {
        let rings: Vec<Vec<(f64, f64)>> = rings.iter().map(|ring| ring.iter().map(|p| at(*p)).collect()).collect();
        let extent = |ring: &Vec<(f64, f64)>| bounds(ring.iter()).map_or(0.0, |(a, b, c, d)| (c - a).max(d - b));
        let largest = rings.iter().map(extent).fold(0.0, f64::max);
        let mut data = String::new();
        for ring in rings.iter().filter(|ring| extent(ring) >= 1.5 || extent(ring) == largest || shape.highlighted) {
            data.push_str(&path(ring, across, if largest < 12.0 { TOLERANCE / 2.0 } else { TOLERANCE }));
        }
        let Some((a, b, c, d)) = bounds(rings.iter().flatten()) else { continue };
        let printed = value(shape).map_or_else(String::new, |v| format!(": {}", format_number(v, map.format, language)));
        let title = format!("{}{printed}", shape.label.get(language));
        let fill = match (value(shape), &classes) {
            (Some(v), Some(classes)) => classes.colour(v),
            _ => NO_VALUE.to_owned(),
        };
        if shape.highlighted {
            let said = format!("<title>{}</title>", escape(&title));
            // too small to be seen as a shape
            if largest < 14.0 {
                rings_around.push((((a + c) / 2.0, (b + d) / 2.0), said));
            } else {
                outlines.push((data.clone(), said));
            }
        }
        let title = drawing.title(&title);
        let end = if title.is_empty() { "/>".to_owned() } else { format!(">{title}</path>") };
        drawing.raw(&format!(r##"<path d="{data}" fill="{fill}" stroke="#fff" stroke-width="0.5" fill-rule="evenodd"{end}"##));
    }
    // over all others, so that no neighbour hides the outline
    for (data, said) in outlines {
        drawing
            .raw(&format!(r##"<path d="{data}" fill="none" stroke="#c2410c" stroke-width="1.8" stroke-linejoin="round">{said}</path>"##));
    }
    for ((x, y), said) in rings_around {
        drawing.raw(&format!(
            r##"<circle cx="{x}" cy="{y}" r="9" fill="none" stroke="#fff" stroke-width="4"/><circle cx="{x}" cy="{y}" r="9" fill="none" stroke="#c2410c" stroke-width="2.2">{said}</circle>"##,
            x = coordinate(x),
            y = coordinate(y)
        ));
    }
    Some(y + 2.0 * margin + (y1 - y0) * scale + 2.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn equal_earth_keeps_areas_and_its_published_aspect() {
        // the published width to height ratio of the whole map is 2.05458
        let (width, _) = equal_earth(180.0, 0.0);
        let (_, height) = equal_earth(0.0, 90.0);
        assert!((width / height - 2.05458).abs() < 1e-4, "{}", width / height);
        // a cell at 60°N covers sin-difference times as much as one at the equator
        let cell = |lat: f64| {
            let h = 0.01;
            let (x, y1) = equal_earth(h, lat);
            let (_, y2) = equal_earth(h, lat + h);
            x * (y2 - y1)
        };
        assert!((cell(60.0) / cell(0.0) - 60f64.to_radians().cos()).abs() < 1e-3);
    }

    #[test]
    fn albers_keeps_areas_and_its_standard_parallels() {
        let h: f64 = 0.001;
        let scale = |lat: f64| {
            let (x1, y1) = albers_china(105.0, lat);
            let (x2, y2) = albers_china(105.0 + h, lat);
            (x2 - x1).hypot(y2 - y1) / (h.to_radians() * lat.to_radians().cos())
        };
        assert!((scale(25.0) - 1.0).abs() < 1e-6 && (scale(47.0) - 1.0).abs() < 1e-6);
        assert!(scale(36.0) < 1.0 && scale(15.0) > 1.0);
    }
}
