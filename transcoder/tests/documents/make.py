#!/usr/bin/env python3
"""Makes the Office documents of this folder: small, as the programs write them, with fixed times."""
import zipfile

W = 'xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main" xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships"'
A = 'xmlns:a="http://schemas.openxmlformats.org/drawingml/2006/main" xmlns:p="http://schemas.openxmlformats.org/presentationml/2006/main" xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships"'
S = 'xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main" xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships"'
O = 'xmlns:office="urn:o" xmlns:text="urn:t" xmlns:table="urn:b" xmlns:draw="urn:d" xmlns:xlink="urn:x" xmlns:presentation="urn:p"'
REL = '<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">%s</Relationships>'


def write(name, parts, first=None):
    with zipfile.ZipFile(name, "w") as archive:
        if first:
            archive.writestr(zipfile.ZipInfo("mimetype", (2026, 1, 1, 0, 0, 0)), first)
        for path, content in parts.items():
            info = zipfile.ZipInfo(path, (2026, 1, 1, 0, 0, 0))
            info.compress_type = zipfile.ZIP_DEFLATED
            archive.writestr(info, '<?xml version="1.0" encoding="UTF-8"?>\n' + content)


def relationship(id, target, mode=""):
    return f'<Relationship Id="{id}" Type="t" Target="{target}"{mode}/>'


def paragraph(text, properties="", run=""):
    return f'<w:p><w:pPr>{properties}</w:pPr><w:r><w:rPr>{run}</w:rPr><w:t xml:space="preserve">{text}</w:t></w:r></w:p>'


LIST = '<w:numPr><w:ilvl w:val="%d"/><w:numId w:val="1"/></w:numPr>'
write("letter.docx", {
    "word/styles.xml": f'<w:styles {W}><w:style w:type="paragraph" w:styleId="berschrift1"><w:name w:val="heading 1"/></w:style></w:styles>',
    "word/_rels/document.xml.rels": REL % relationship("rId1", "https://example.org/?a=1&amp;b=2", ' TargetMode="External"'),
    "word/document.xml": f"<w:document {W}><w:body>"
    + paragraph("Report", '<w:pStyle w:val="berschrift1"/>')
    + paragraph("Tea &amp; cake are ") .replace("</w:p>", '<w:r><w:rPr><w:b/></w:rPr><w:t>good</w:t></w:r><w:del><w:r><w:delText>bad</w:delText></w:r></w:del><w:r><w:t xml:space="preserve">, see </w:t></w:r><w:hyperlink r:id="rId1"><w:r><w:t>this</w:t></w:r></w:hyperlink><w:r><w:t>.</w:t></w:r></w:p>')
    + paragraph("one", LIST % 0) + paragraph("inner", LIST % 1) + paragraph("two", LIST % 0)
    + "<w:tbl><w:tr><w:tc>" + paragraph("Item") + "</w:tc><w:tc>" + paragraph("Price") + "</w:tc></w:tr>"
    + "<w:tr><w:tc>" + paragraph("Tea") + "</w:tc><w:tc>" + paragraph("1 €") + "</w:tc></w:tr></w:tbl>"
    + paragraph("End") + "</w:body></w:document>",
})
write("book.xlsx", {
    "xl/workbook.xml": f'<workbook {S}><workbookPr/><sheets><sheet name="Sales" sheetId="1" r:id="rId1"/><sheet name="Hidden" sheetId="2" state="hidden" r:id="rId2"/></sheets></workbook>',
    "xl/_rels/workbook.xml.rels": REL % (relationship("rId1", "worksheets/sheet1.xml") + relationship("rId2", "worksheets/sheet2.xml")),
    "xl/sharedStrings.xml": f'<sst {S}><si><t>Day</t></si><si><r><t>Su</t></r><r><t>m</t></r><rPh><t>x</t></rPh></si></sst>',
    "xl/styles.xml": f'<styleSheet {S}><numFmts><numFmt numFmtId="164" formatCode="yyyy-mm-dd"/></numFmts><cellXfs><xf numFmtId="0"/><xf numFmtId="164"/><xf numFmtId="9"/></cellXfs></styleSheet>',
    "xl/worksheets/sheet1.xml": f'<worksheet {S}><sheetData><row r="1"><c r="A1" t="s"><v>0</v></c><c r="B1" t="s"><v>1</v></c><c r="D1" t="inlineStr"><is><t>Share</t></is></c></row><row r="2"><c r="A2" s="1"><v>46350</v></c><c r="B2"><f>1+2</f><v>0.30000000000000004</v></c><c r="D2" s="2"><v>0.5</v></c></row></sheetData></worksheet>',
    "xl/worksheets/sheet2.xml": f"<worksheet {S}><sheetData/></worksheet>",
})
SHAPE = '<p:sp><p:nvSpPr><p:nvPr><p:ph type="%s"/></p:nvPr></p:nvSpPr><p:txBody>%s</p:txBody></p:sp>'
RUN = "<a:p><a:r><a:t>%s</a:t></a:r></a:p>"
write("talk.pptx", {
    "ppt/presentation.xml": f'<p:presentation {A}><p:sldIdLst><p:sldId id="256" r:id="rId3"/><p:sldId id="257" r:id="rId2"/></p:sldIdLst></p:presentation>',
    "ppt/_rels/presentation.xml.rels": REL % (relationship("rId2", "slides/slide1.xml") + relationship("rId3", "/ppt/slides/slide2.xml")),
    "ppt/slides/slide1.xml": f"<p:sld {A}>" + SHAPE % ("title", RUN % "Second") + SHAPE % ("body", RUN % "last words") + SHAPE % ("sldNum", RUN % "2") + "</p:sld>",
    "ppt/slides/slide2.xml": f"<p:sld {A}>" + SHAPE % ("ctrTitle", RUN % "First") + SHAPE % ("body", RUN % "point one" + RUN % "point two") + "</p:sld>",
})
CELL = "<table:table-cell><text:p>%s</text:p></table:table-cell>"
write("letter.odt", {
    "content.xml": f'<office:document-content {O}><office:body><office:text><text:tracked-changes><text:p>gone</text:p></text:tracked-changes><text:h text:outline-level="1">Report</text:h><text:p>Tea<text:s/>and <text:a xlink:href="https://example.org/">cake</text:a></text:p><text:list><text:list-item><text:p>one</text:p><text:list><text:list-item><text:p>inner</text:p></text:list-item></text:list></text:list-item></text:list><table:table><table:table-row>{CELL % "Item"}{CELL % "Price"}</table:table-row><table:table-row>{CELL % "Tea"}{CELL % "1 €"}</table:table-row></table:table></office:text></office:body></office:document-content>',
}, "application/vnd.oasis.opendocument.text")
write("book.ods", {
    "content.xml": f'<office:document-content {O}><office:body><office:spreadsheet><table:table table:name="Sales"><table:table-row>{CELL % "Day"}<table:table-cell table:number-columns-repeated="2"/>{CELL % "Sum"}<table:table-cell table:number-columns-repeated="16000"/></table:table-row><table:table-row><table:table-cell table:number-columns-repeated="2"><text:p>7</text:p></table:table-cell><table:table-cell/>{CELL % "14"}</table:table-row><table:table-row table:number-rows-repeated="1000000"><table:table-cell table:number-columns-repeated="16384"/></table:table-row></table:table></office:spreadsheet></office:body></office:document-content>',
}, "application/vnd.oasis.opendocument.spreadsheet")
write("talk.odp", {
    "content.xml": f'<office:document-content {O}><office:body><office:presentation><draw:page draw:name="Start"><draw:frame><draw:text-box><text:p>First words</text:p></draw:text-box></draw:frame><presentation:notes><text:p>not said</text:p></presentation:notes></draw:page></office:presentation></office:body></office:document-content>',
}, "application/vnd.oasis.opendocument.presentation")
