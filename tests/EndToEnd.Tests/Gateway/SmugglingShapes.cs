namespace DeployCard.EndToEnd.Tests.Gateway;

/// <summary>Allowed outcomes of a request whose end two servers could interpret differently.</summary>
internal enum Outcome
{
    /// <summary>A 4xx or 5xx response or no response, a closed connection, and no pod that processed the request as complete.</summary>
    Rejected,

    /// <summary>Exactly one request, with the body defined by RFC 9112.</summary>
    Once,

    /// <summary>Either outcome, because RFC 9112 leaves the choice to the server.</summary>
    RejectedOrOnce,

    /// <summary>Same as <see cref="Rejected"/>, after the client has closed its sending side.</summary>
    Incomplete,
}

/// <summary>
/// One form of request smuggling. The text may contain placeholders: <c>{start}</c> (a request line for the pod and the required headers),
/// <c>{target}</c>, <c>{key}</c>, <c>{number}</c>, <c>{smuggled}</c> (a complete request that must never be processed), <c>{bare}</c> (the
/// same without a key, as it would look behind the gateway) and <c>{length}</c> (number of bytes after the headers).
/// </summary>
internal sealed record Shape(string Name, string Text, Outcome Outcome, string Body = "")
{
    public override string ToString() => Name;
}

/// <summary>Known forms of request smuggling.</summary>
internal static class SmugglingShapes
{
    public static IReadOnlyList<Shape> All { get; } =
    [
        // Two lengths, or an ambiguous length.
        Post("CL.TE", "Content-Length: {length}\r\nTransfer-Encoding: chunked", "0\r\n\r\n{smuggled}", Outcome.RejectedOrOnce),
        Post(
            "CL.TE, the coding first",
            "Transfer-Encoding: chunked\r\nContent-Length: {length}",
            "0\r\n\r\n{smuggled}",
            Outcome.RejectedOrOnce
        ),
        Post("TE.CL", "Content-Length: 4\r\nTransfer-Encoding: chunked", "{chunk}0\r\n\r\n", Outcome.RejectedOrOnce, "{smuggled}"),
        Post("CL.0 and TE", "Content-Length: 0\r\nTransfer-Encoding: chunked", "{chunk}0\r\n\r\n", Outcome.RejectedOrOnce, "{smuggled}"),
        Post("two different lengths, the short one first", "Content-Length: 5\r\nContent-Length: {length}", "hello{smuggled}"),
        Post("two different lengths, the long one first", "Content-Length: {length}\r\nContent-Length: 5", "hello{smuggled}"),
        Post("two different lengths in one header", "Content-Length: 5, 6", "hello{smuggled}"),
        Post("the same length twice in one header", "Content-Length: 5,5", "hello{smuggled}"),
        Post("the same length in two headers", "Content-Length: 5\r\nContent-Length: 5", "hello{smuggled}"),
        Post("a length with a plus", "Content-Length: +{length}", "{smuggled}", Outcome.RejectedOrOnce, "{smuggled}"),
        Post("a negative length", "Content-Length: -1", "hello{smuggled}"),
        Post("a length of minus zero", "Content-Length: -0", "{bare}", Outcome.RejectedOrOnce),
        Post("a hexadecimal length", "Content-Length: 0x5", "hello{smuggled}"),
        Post("a length with a fraction", "Content-Length: 5.0", "hello{smuggled}"),
        Post("a length with an exponent", "Content-Length: 5e0", "hello{smuggled}"),
        Post("a length with an underscore", "Content-Length: 0_5", "hello{smuggled}"),
        Post("a length in two words", "Content-Length: 5 5", "hello{smuggled}"),
        Post("a length and a semicolon", "Content-Length: 5;", "hello{smuggled}"),
        Post("a length in quotes", "Content-Length: \"5\"", "hello{smuggled}"),
        Post("an empty length", "Content-Length:", "{smuggled}"),
        Post("a length beyond 64 bits", "Content-Length: 18446744073709551621", "hello{smuggled}"),
        Post("a length with a vertical tab", "Content-Length: \v5", "hello{smuggled}"),
        Post("a length with a NUL", "Content-Length: 5\0", "hello{smuggled}"),
        Post("a length in a superscript", "Content-Length: \u00b2", "he{smuggled}"),
        Post("a length with leading zeros is a length", "Content-Length: 0000000005", "hello", Outcome.RejectedOrOnce, "hello"),
        Post("a length with an underscore in its name is another header", "Content_Length: 5", "{bare}", Outcome.Once),
        // Transfer codings that only some servers treat as chunked.
        Coding("xchunked"),
        Coding("chunkedx"),
        Coding("x chunked"),
        Coding("chunked, identity"),
        Coding("chunked, gzip"),
        Coding("chunked, chunked", Outcome.RejectedOrOnce),
        Coding("identity, chunked", Outcome.RejectedOrOnce),
        Coding("gzip, chunked", Outcome.RejectedOrOnce),
        Coding("identity"),
        Coding("gzip"),
        Coding("\"chunked\""),
        Coding("chunked;q=1"),
        Coding("chunked;"),
        Coding("chunked,", Outcome.RejectedOrOnce),
        Coding(",chunked", Outcome.RejectedOrOnce),
        Coding(""),
        Coding("\vchunked"),
        Coding("chunked\f"),
        Coding("chun\0ked"),
        Coding("\0chunked"),
        Coding("chunked\u00a0"),
        Coding("chunked\u0085"),
        Coding("chunked\r\nTransfer-Encoding: identity"),
        Coding("identity\r\nTransfer-Encoding: chunked", Outcome.RejectedOrOnce),
        Coding("chunked\r\nTransfer-Encoding: chunked", Outcome.RejectedOrOnce),
        Coding("chunked\r\nTransfer-Encoding: xchunked"),
        Coding("CHUNKED", Outcome.RejectedOrOnce),
        Chunks("the coding after spaces", "5\r\nhello\r\n0\r\n\r\n", Outcome.Once, "hello", header: "Transfer-Encoding:    chunked"),
        Chunks("the coding after a tab", "5\r\nhello\r\n0\r\n\r\n", Outcome.Once, "hello", header: "Transfer-Encoding:\tchunked"),
        Chunks("the coding before a tab", "5\r\nhello\r\n0\r\n\r\n", Outcome.Once, "hello", header: "Transfer-Encoding: chunked\t"),
        // Headers whose name, value or end is ambiguous.
        Field("a space before the colon", "Transfer-Encoding : chunked"),
        Field("a tab before the colon", "Transfer-Encoding\t: chunked"),
        Field("a space before the name", " Transfer-Encoding: chunked"),
        Field("a folded value", "Transfer-Encoding:\r\n chunked"),
        Field("a folded value after a tab", "Transfer-Encoding:\r\n\tchunked"),
        Field("a folded value of another header", "X-Folded: one\r\n Transfer-Encoding: chunked"),
        Field("a name with a NUL", "Transfer-Encoding\0: chunked"),
        Field("a name with a slash", "Transfer/Encoding: chunked", Outcome.RejectedOrOnce, "0\r\n\r\n{smuggled}"),
        Field("a name in two words", "Transfer Encoding: chunked"),
        Field("no name", ": chunked"),
        Field("no colon", "Transfer-Encoding chunked"),
        Field("a bare LF between headers", "X-Value: one\nTransfer-Encoding: chunked", Outcome.RejectedOrOnce),
        Field("a bare CR in a value", "X-Value: one\rTransfer-Encoding: chunked"),
        Field("a CR before the name", "\rTransfer-Encoding: chunked"),
        Field("a NUL in a value", "X-Value: one\0two"),
        Post(
            "a name with an underscore is another header",
            "Transfer_Encoding: chunked\r\nContent-Length: {length}",
            "0\r\n\r\n{smuggled}",
            Outcome.Once,
            "0\r\n\r\n{smuggled}"
        ),
        // Chunks whose end is ambiguous.
        Chunks("a chunk's size with a plus", "+5\r\nhello\r\n0\r\n\r\n{smuggled}"),
        Chunks("a negative chunk", "-5\r\nhello\r\n0\r\n\r\n{smuggled}"),
        Chunks("a chunk's size with 0x", "0x5\r\nhello\r\n0\r\n\r\n{smuggled}"),
        Chunks("a chunk's size after a space", " 5\r\nhello\r\n0\r\n\r\n{smuggled}"),
        Chunks("a chunk's size in two words", "5 5\r\nhello\r\n0\r\n\r\n{smuggled}"),
        Chunks("a chunk's size that is not a number", "g\r\nhello\r\n0\r\n\r\n{smuggled}"),
        Chunks("an empty chunk's size", "\r\nhello\r\n0\r\n\r\n{smuggled}"),
        Chunks("a chunk beyond 64 bits", "10000000000000005\r\nhello\r\n0\r\n\r\n{smuggled}"),
        Chunks("a chunk beyond 32 bits", "100000005\r\nhello\r\n0\r\n\r\n{smuggled}", Outcome.Incomplete),
        Chunks("a chunk's size ended by a bare LF", "5\nhello\r\n0\r\n\r\n{smuggled}"),
        Chunks("a chunk's size ended by a bare CR", "5\rhello\r\n0\r\n\r\n{smuggled}"),
        Chunks("a chunk ended by a bare LF", "5\r\nhello\n0\r\n\r\n{smuggled}"),
        Chunks("a chunk ended by nothing", "5\r\nhello0\r\n\r\n{smuggled}"),
        Chunks("a chunk longer than its size", "5\r\nhello you\r\n0\r\n\r\n{smuggled}"),
        Chunks("an extension that has a bare LF", "5;a\nhello\r\n0\r\n\r\n{smuggled}"),
        Chunks("an extension that has a bare CR", "5;a\rb\r\nhello\r\n0\r\n\r\n{smuggled}"),
        Chunks("an extension that has a bare LF before its CRLF", "2;\nxx\r\n45\r\n0\r\n\r\n{smuggled}0\r\n\r\n"),
        Chunks("a quoted extension with a line break", "5;a=\"\r\nhello\r\n0\r\n\r\n{bare}", Outcome.RejectedOrOnce, "hello"),
        Chunks("an extension is ignored", "5;name=value\r\nhello\r\n0;last\r\n\r\n", Outcome.RejectedOrOnce, "hello"),
        Chunks("a last chunk of many zeros", "5\r\nhello\r\n0000\r\n\r\n", Outcome.RejectedOrOnce, "hello"),
        Chunks("a last chunk ended by a bare LF", "5\r\nhello\r\n0\n\n{smuggled}"),
        Chunks("no end after the last chunk", "5\r\nhello\r\n0\r\n", Outcome.Incomplete),
        Chunks("the smuggled request in place of trailers", "5\r\nhello\r\n0\r\n{smuggled}"),
        Chunks(
            "a length among the trailers",
            "5\r\nhello\r\n0\r\nContent-Length: 100\r\nTransfer-Encoding: chunked\r\nHost: elsewhere\r\n\r\n",
            Outcome.RejectedOrOnce,
            "hello"
        ),
        Chunks("no last chunk", "5\r\nhello\r\n", Outcome.Incomplete),
        // Request lines and versions.
        Line("two spaces before the version", "POST {target}  HTTP/1.1", Outcome.RejectedOrOnce),
        Line("two spaces before the target", "POST  {target} HTTP/1.1"),
        Line("a tab before the version", "POST {target}\tHTTP/1.1"),
        Line("a space in the target", "POST {target}/a b HTTP/1.1"),
        Line("a space after the version", "POST {target} HTTP/1.1 "),
        Line("a space before the method", " POST {target} HTTP/1.1"),
        Line(
            "an escaped request in the target",
            "POST {target}?x=%20HTTP/1.1%0d%0aHost:%20localhost%0d%0a%0d%0aGET%20/smuggled/{number}%20HTTP/1.1%0d%0aX:%20y HTTP/1.1",
            Outcome.RejectedOrOnce
        ),
        Line("a NUL in the target", "POST {target}\0 HTTP/1.1"),
        Line("an unknown version of HTTP", "POST {target} HTTP/1.2"),
        Line("a version of HTTP without a minor number", "POST {target} HTTP/1"),
        Line("a version of HTTP with a third digit", "POST {target} HTTP/1.10"),
        Line("another protocol", "POST {target} ICAP/1.1"),
        Line("a version in lower case", "POST {target} http/1.1"),
        Line("HTTP/2 in the line of HTTP/1", "POST {target} HTTP/2.0"),
        Line("the target of another host", "POST http://elsewhere{target} HTTP/1.1", Outcome.RejectedOrOnce),
        Line("the target of another scheme", "POST ftp://localhost{target} HTTP/1.1", Outcome.RejectedOrOnce),
        new("HTTP/0.9", "GET {target}\r\n\r\n{smuggled}", Outcome.Rejected),
        new("unexpected HTTP/2 preface", "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n{smuggled}", Outcome.Rejected),
        new(
            "HTTP/1.0 with a coding",
            "POST {target} HTTP/1.0\r\nHost: localhost\r\nConnection: keep-alive\r\nX-API-Key: {key}\r\n"
                + "Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n{smuggled}",
            Outcome.RejectedOrOnce
        ),
        new(
            "HTTP/1.0 with a coding and a length",
            "POST {target} HTTP/1.0\r\nHost: localhost\r\nConnection: keep-alive\r\nX-API-Key: {key}\r\n"
                + "Content-Length: {length}\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n{smuggled}",
            Outcome.RejectedOrOnce
        ),
        new("no host", "POST {target} HTTP/1.1\r\nX-API-Key: {key}\r\nContent-Length: 5\r\n\r\nhello{smuggled}", Outcome.Rejected),
        Field("two hosts", "Host: elsewhere"),
        Field("the same host twice", "Host: localhost"),
        new(
            "a host with a path",
            "POST {target} HTTP/1.1\r\nHost: localhost/../elsewhere\r\nX-API-Key: {key}\r\nContent-Length: 5\r\n\r\nhello{smuggled}",
            Outcome.Rejected
        ),
        new(
            "a host with a user",
            "POST {target} HTTP/1.1\r\nHost: localhost@elsewhere\r\nX-API-Key: {key}\r\nContent-Length: 5\r\n\r\nhello{smuggled}",
            Outcome.Rejected
        ),
        new(
            "a host in two words",
            "POST {target} HTTP/1.1\r\nHost: local host\r\nX-API-Key: {key}\r\nContent-Length: 5\r\n\r\nhello{smuggled}",
            Outcome.Rejected
        ),
        // Bodies that some servers do not expect, and headers that make an intermediate server remove other headers.
        new(
            "a GET with a body",
            "GET {target} HTTP/1.1\r\nHost: localhost\r\nX-API-Key: {key}\r\nContent-Length: {length}\r\n\r\n{smuggled}",
            Outcome.RejectedOrOnce,
            "{smuggled}"
        ),
        new(
            "a GET with chunks",
            "GET {target} HTTP/1.1\r\nHost: localhost\r\nX-API-Key: {key}\r\nTransfer-Encoding: chunked\r\n\r\n{chunk}0\r\n\r\n",
            Outcome.RejectedOrOnce,
            "{smuggled}"
        ),
        new(
            "an OPTIONS with a body",
            "OPTIONS {target} HTTP/1.1\r\nHost: localhost\r\nX-API-Key: {key}\r\nContent-Length: {length}\r\n\r\n{smuggled}",
            Outcome.RejectedOrOnce,
            "{smuggled}"
        ),
        new(
            "a TRACE with a body",
            "TRACE {target} HTTP/1.1\r\nHost: localhost\r\nX-API-Key: {key}\r\nContent-Length: {length}\r\n\r\n{smuggled}",
            Outcome.RejectedOrOnce,
            "{smuggled}"
        ),
        new(
            "a method in lower case with a body",
            "post {target} HTTP/1.1\r\nHost: localhost\r\nX-API-Key: {key}\r\nContent-Length: {length}\r\n\r\n{smuggled}",
            Outcome.RejectedOrOnce,
            "{smuggled}"
        ),
        Post(
            "the length named as hop-by-hop",
            "Connection: Content-Length\r\nContent-Length: {length}",
            "{smuggled}",
            Outcome.RejectedOrOnce,
            "{smuggled}"
        ),
        Post(
            "the coding named as hop-by-hop",
            "Connection: Transfer-Encoding\r\nTransfer-Encoding: chunked",
            "{chunk}0\r\n\r\n",
            Outcome.RejectedOrOnce,
            "{smuggled}"
        ),
        Post(
            "the host named as hop-by-hop",
            "Connection: Host\r\nContent-Length: {length}",
            "{smuggled}",
            Outcome.RejectedOrOnce,
            "{smuggled}"
        ),
        Post(
            "an unknown expectation",
            "Expect: 100-continueX\r\nContent-Length: {length}",
            "{smuggled}",
            Outcome.RejectedOrOnce,
            "{smuggled}"
        ),
        Post(
            "an expectation twice",
            "Expect: 100-continue\r\nExpect: y 100-continue\r\nContent-Length: {length}",
            "{smuggled}",
            Outcome.RejectedOrOnce,
            "{smuggled}"
        ),
        Post(
            "an upgrade to HTTP/2",
            "Connection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\nHTTP2-Settings: AAMAAABkAAQAoAAAAAIAAAAA\r\nContent-Length: {length}",
            "{smuggled}",
            Outcome.RejectedOrOnce,
            "{smuggled}"
        ),
        new(
            "a WebSocket of an unknown version, then a request for the pod",
            "GET {target} HTTP/1.1\r\nHost: localhost\r\nX-API-Key: {key}\r\nConnection: Upgrade\r\n"
                + "Upgrade: websocket\r\nSec-WebSocket-Version: 777\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n"
                + "{bare}",
            Outcome.RejectedOrOnce
        ),
        new(
            "a WebSocket with a body",
            "GET {target} HTTP/1.1\r\nHost: localhost\r\nX-API-Key: {key}\r\nConnection: Upgrade\r\n"
                + "Upgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"
                + "Content-Length: {length}\r\n\r\n{smuggled}",
            Outcome.RejectedOrOnce,
            "{smuggled}"
        ),
        new("a request without a body, then one for the pod", "{start}\r\n{bare}", Outcome.Once),
    ];

    private static Shape Post(string name, string headers, string body, Outcome outcome = Outcome.Rejected, string seen = "") =>
        new(name, $"{{start}}{headers}\r\n\r\n{body}", outcome, seen);

    /// <summary>Request with a transfer coding that a server might overlook, in favor of the length.</summary>
    private static Shape Coding(string coding, Outcome outcome = Outcome.Rejected) =>
        Post($"Transfer-Encoding: {coding}", $"Content-Length: {{length}}\r\nTransfer-Encoding: {coding}", "0\r\n\r\n{smuggled}", outcome);

    private static Shape Chunks(
        string name,
        string chunks,
        Outcome outcome = Outcome.Rejected,
        string seen = "",
        string header = "Transfer-Encoding: chunked"
    ) => Post(name, header, chunks, outcome, seen);

    /// <summary>Request with a forbidden header and a valid length.</summary>
    private static Shape Field(string name, string header, Outcome outcome = Outcome.Rejected, string seen = "") =>
        Post(name, $"Content-Length: {{length}}\r\n{header}", "0\r\n\r\n{smuggled}", outcome, seen);

    private static Shape Line(string name, string line, Outcome outcome = Outcome.Rejected) =>
        new(
            name,
            $"{line}\r\nHost: localhost\r\nX-API-Key: {{key}}\r\nContent-Length: {{length}}\r\n\r\n{{smuggled}}",
            outcome,
            "{smuggled}"
        );
}
