//! Draws a dossier: HTML, Markdown, JSON and workbook, charts as SVG.
