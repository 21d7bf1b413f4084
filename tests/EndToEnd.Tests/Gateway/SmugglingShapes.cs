namespace DeployCard.EndToEnd.Tests.Gateway;

/// <summary>What may come of a request whose end two servers could see in different places.</summary>
internal enum Outcome
{
    /// <summary>An answer of 4xx or 5xx or none, the end of the connection, and no pod that believes it has had a whole request.</summary>
    Refused,

    /// <summary>One request, with the body that RFC 9112 says.</summary>
    Once,

    /// <summary>One or the other: RFC 9112 leaves it to the server.</summary>
    RefusedOrOnce,

    /// <summary>As <see cref="Refused"/>, after the client has said that it sends nothing more.</summary>
    Incomplete,
}

/// <summary>
/// One shape of request smuggling. In its text stand <c>{start}</c> (a request line for the pod, and the fields that every request needs),
/// <c>{target}</c>, <c>{key}</c>, <c>{number}</c>, <c>{smuggled}</c> (a whole request that must never be one), <c>{bare}</c> (the same without a key, as it would
/// look behind the gateway) and <c>{length}</c> (of all that follows the head).
/// </summary>
internal sealed record Shape(string Name, string Text, Outcome Outcome, string Body = "")
{
    public override string ToString() => Name;
}

/// <summary>Known shapes of request smuggling.</summary>
internal static class SmugglingShapes
{
    public static IReadOnlyList<Shape> All { get; } =
    [
        // Two lengths, or one that can be read in two ways.
        Post("CL.TE", "Content-Length: {length}\r\nTransfer-Encoding: chunked", "0\r\n\r\n{smuggled}", Outcome.RefusedOrOnce),
        Post(
            "CL.TE, the coding first",
            "Transfer-Encoding: chunked\r\nContent-Length: {length}",
            "0\r\n\r\n{smuggled}",
            Outcome.RefusedOrOnce
        ),
        Post("TE.CL", "Content-Length: 4\r\nTransfer-Encoding: chunked", "{chunk}0\r\n\r\n", Outcome.RefusedOrOnce, "{smuggled}"),
        Post("CL.0 and TE", "Content-Length: 0\r\nTransfer-Encoding: chunked", "{chunk}0\r\n\r\n", Outcome.RefusedOrOnce, "{smuggled}"),
        Post("two different lengths, the short one first", "Content-Length: 5\r\nContent-Length: {length}", "hello{smuggled}"),
        Post("two different lengths, the long one first", "Content-Length: {length}\r\nContent-Length: 5", "hello{smuggled}"),
        Post("two different lengths in one field", "Content-Length: 5, 6", "hello{smuggled}"),
        Post("the same length twice in one field", "Content-Length: 5,5", "hello{smuggled}"),
        Post("the same length in two fields", "Content-Length: 5\r\nContent-Length: 5", "hello{smuggled}"),
        Post("a length with a plus", "Content-Length: +{length}", "{smuggled}", Outcome.RefusedOrOnce, "{smuggled}"),
        Post("a negative length", "Content-Length: -1", "hello{smuggled}"),
        Post("a length of minus zero", "Content-Length: -0", "{bare}", Outcome.RefusedOrOnce),
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
        Post("a length with leading zeros is a length", "Content-Length: 0000000005", "hello", Outcome.RefusedOrOnce, "hello"),
        Post("a length with an underscore in its name is another field", "Content_Length: 5", "{bare}", Outcome.Once),
        // Codings that one server takes for chunked and another does not.
        Coding("xchunked"),
        Coding("chunkedx"),
        Coding("x chunked"),
        Coding("chunked, identity"),
        Coding("chunked, gzip"),
        Coding("chunked, chunked", Outcome.RefusedOrOnce),
        Coding("identity, chunked", Outcome.RefusedOrOnce),
        Coding("gzip, chunked", Outcome.RefusedOrOnce),
        Coding("identity"),
        Coding("gzip"),
        Coding("\"chunked\""),
        Coding("chunked;q=1"),
        Coding("chunked;"),
        Coding("chunked,", Outcome.RefusedOrOnce),
        Coding(",chunked", Outcome.RefusedOrOnce),
        Coding(""),
        Coding("\vchunked"),
        Coding("chunked\f"),
        Coding("chun\0ked"),
        Coding("\0chunked"),
        Coding("chunked\u00a0"),
        Coding("chunked\u0085"),
        Coding("chunked\r\nTransfer-Encoding: identity"),
        Coding("identity\r\nTransfer-Encoding: chunked", Outcome.RefusedOrOnce),
        Coding("chunked\r\nTransfer-Encoding: chunked", Outcome.RefusedOrOnce),
        Coding("chunked\r\nTransfer-Encoding: xchunked"),
        Coding("CHUNKED", Outcome.RefusedOrOnce),
        Chunks("the coding after blanks", "5\r\nhello\r\n0\r\n\r\n", Outcome.Once, "hello", field: "Transfer-Encoding:    chunked"),
        Chunks("the coding after a tab", "5\r\nhello\r\n0\r\n\r\n", Outcome.Once, "hello", field: "Transfer-Encoding:\tchunked"),
        Chunks("the coding before a tab", "5\r\nhello\r\n0\r\n\r\n", Outcome.Once, "hello", field: "Transfer-Encoding: chunked\t"),
        // Fields whose name, value or end can be read in two ways.
        Field("a blank before the colon", "Transfer-Encoding : chunked"),
        Field("a tab before the colon", "Transfer-Encoding\t: chunked"),
        Field("a blank before the name", " Transfer-Encoding: chunked"),
        Field("a folded value", "Transfer-Encoding:\r\n chunked"),
        Field("a folded value after a tab", "Transfer-Encoding:\r\n\tchunked"),
        Field("a folded value of another field", "X-Folded: one\r\n Transfer-Encoding: chunked"),
        Field("a name with a NUL", "Transfer-Encoding\0: chunked"),
        Field("a name with a slash", "Transfer/Encoding: chunked", Outcome.RefusedOrOnce, "0\r\n\r\n{smuggled}"),
        Field("a name in two words", "Transfer Encoding: chunked"),
        Field("no name", ": chunked"),
        Field("no colon", "Transfer-Encoding chunked"),
        Field("a bare LF between fields", "X-Value: one\nTransfer-Encoding: chunked", Outcome.RefusedOrOnce),
        Field("a bare CR in a value", "X-Value: one\rTransfer-Encoding: chunked"),
        Field("a CR before the name", "\rTransfer-Encoding: chunked"),
        Field("a NUL in a value", "X-Value: one\0two"),
        Post(
            "a name with an underscore is another field",
            "Transfer_Encoding: chunked\r\nContent-Length: {length}",
            "0\r\n\r\n{smuggled}",
            Outcome.Once,
            "0\r\n\r\n{smuggled}"
        ),
        // Chunks whose end can be read in two ways.
        Chunks("a chunk's size with a plus", "+5\r\nhello\r\n0\r\n\r\n{smuggled}"),
        Chunks("a negative chunk", "-5\r\nhello\r\n0\r\n\r\n{smuggled}"),
        Chunks("a chunk's size with 0x", "0x5\r\nhello\r\n0\r\n\r\n{smuggled}"),
        Chunks("a chunk's size after a blank", " 5\r\nhello\r\n0\r\n\r\n{smuggled}"),
        Chunks("a chunk's size in two words", "5 5\r\nhello\r\n0\r\n\r\n{smuggled}"),
        Chunks("a chunk's size that is no number", "g\r\nhello\r\n0\r\n\r\n{smuggled}"),
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
        Chunks("an extension in quotes that has a line's end", "5;a=\"\r\nhello\r\n0\r\n\r\n{bare}", Outcome.RefusedOrOnce, "hello"),
        Chunks("an extension is left out", "5;name=value\r\nhello\r\n0;last\r\n\r\n", Outcome.RefusedOrOnce, "hello"),
        Chunks("a last chunk of many zeros", "5\r\nhello\r\n0000\r\n\r\n", Outcome.RefusedOrOnce, "hello"),
        Chunks("a last chunk ended by a bare LF", "5\r\nhello\r\n0\n\n{smuggled}"),
        Chunks("no end after the last chunk", "5\r\nhello\r\n0\r\n", Outcome.Incomplete),
        Chunks("the smuggled request in place of trailers", "5\r\nhello\r\n0\r\n{smuggled}"),
        Chunks(
            "a length among the trailers",
            "5\r\nhello\r\n0\r\nContent-Length: 100\r\nTransfer-Encoding: chunked\r\nHost: elsewhere\r\n\r\n",
            Outcome.RefusedOrOnce,
            "hello"
        ),
        Chunks("no last chunk", "5\r\nhello\r\n", Outcome.Incomplete),
        // Request lines and versions.
        Line("two blanks before the version", "POST {target}  HTTP/1.1", Outcome.RefusedOrOnce),
        Line("two blanks before the target", "POST  {target} HTTP/1.1"),
        Line("a tab before the version", "POST {target}\tHTTP/1.1"),
        Line("a blank in the target", "POST {target}/a b HTTP/1.1"),
        Line("a blank after the version", "POST {target} HTTP/1.1 "),
        Line("a blank before the method", " POST {target} HTTP/1.1"),
        Line(
            "an escaped request in the target",
            "POST {target}?x=%20HTTP/1.1%0d%0aHost:%20localhost%0d%0a%0d%0aGET%20/smuggled/{number}%20HTTP/1.1%0d%0aX:%20y HTTP/1.1",
            Outcome.RefusedOrOnce
        ),
        Line("a NUL in the target", "POST {target}\0 HTTP/1.1"),
        Line("a version of HTTP that is none", "POST {target} HTTP/1.2"),
        Line("a version of HTTP without its second number", "POST {target} HTTP/1"),
        Line("a version of HTTP with a third digit", "POST {target} HTTP/1.10"),
        Line("another protocol", "POST {target} ICAP/1.1"),
        Line("a version in small letters", "POST {target} http/1.1"),
        Line("HTTP/2 in the line of HTTP/1", "POST {target} HTTP/2.0"),
        Line("the target of another host", "POST http://elsewhere{target} HTTP/1.1", Outcome.RefusedOrOnce),
        Line("the target of another scheme", "POST ftp://localhost{target} HTTP/1.1", Outcome.RefusedOrOnce),
        new("HTTP/0.9", "GET {target}\r\n\r\n{smuggled}", Outcome.Refused),
        new("HTTP/2 without having been asked for", "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n{smuggled}", Outcome.Refused),
        new(
            "HTTP/1.0 with a coding",
            "POST {target} HTTP/1.0\r\nHost: localhost\r\nConnection: keep-alive\r\nX-API-Key: {key}\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n{smuggled}",
            Outcome.RefusedOrOnce
        ),
        new(
            "HTTP/1.0 with a coding and a length",
            "POST {target} HTTP/1.0\r\nHost: localhost\r\nConnection: keep-alive\r\nX-API-Key: {key}\r\nContent-Length: {length}\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n{smuggled}",
            Outcome.RefusedOrOnce
        ),
        new("no host", "POST {target} HTTP/1.1\r\nX-API-Key: {key}\r\nContent-Length: 5\r\n\r\nhello{smuggled}", Outcome.Refused),
        Field("two hosts", "Host: elsewhere"),
        Field("the same host twice", "Host: localhost"),
        new(
            "a host with a path",
            "POST {target} HTTP/1.1\r\nHost: localhost/../elsewhere\r\nX-API-Key: {key}\r\nContent-Length: 5\r\n\r\nhello{smuggled}",
            Outcome.Refused
        ),
        new(
            "a host with a user",
            "POST {target} HTTP/1.1\r\nHost: localhost@elsewhere\r\nX-API-Key: {key}\r\nContent-Length: 5\r\n\r\nhello{smuggled}",
            Outcome.Refused
        ),
        new(
            "a host in two words",
            "POST {target} HTTP/1.1\r\nHost: local host\r\nX-API-Key: {key}\r\nContent-Length: 5\r\n\r\nhello{smuggled}",
            Outcome.Refused
        ),
        // Bodies where one server expects none, and fields that have one server on the way take others away.
        new(
            "a GET with a body",
            "GET {target} HTTP/1.1\r\nHost: localhost\r\nX-API-Key: {key}\r\nContent-Length: {length}\r\n\r\n{smuggled}",
            Outcome.RefusedOrOnce,
            "{smuggled}"
        ),
        new(
            "a GET with chunks",
            "GET {target} HTTP/1.1\r\nHost: localhost\r\nX-API-Key: {key}\r\nTransfer-Encoding: chunked\r\n\r\n{chunk}0\r\n\r\n",
            Outcome.RefusedOrOnce,
            "{smuggled}"
        ),
        new(
            "an OPTIONS with a body",
            "OPTIONS {target} HTTP/1.1\r\nHost: localhost\r\nX-API-Key: {key}\r\nContent-Length: {length}\r\n\r\n{smuggled}",
            Outcome.RefusedOrOnce,
            "{smuggled}"
        ),
        new(
            "a TRACE with a body",
            "TRACE {target} HTTP/1.1\r\nHost: localhost\r\nX-API-Key: {key}\r\nContent-Length: {length}\r\n\r\n{smuggled}",
            Outcome.RefusedOrOnce,
            "{smuggled}"
        ),
        new(
            "a method of small letters with a body",
            "post {target} HTTP/1.1\r\nHost: localhost\r\nX-API-Key: {key}\r\nContent-Length: {length}\r\n\r\n{smuggled}",
            Outcome.RefusedOrOnce,
            "{smuggled}"
        ),
        Post(
            "the length named as of the connection only",
            "Connection: Content-Length\r\nContent-Length: {length}",
            "{smuggled}",
            Outcome.RefusedOrOnce,
            "{smuggled}"
        ),
        Post(
            "the coding named as of the connection only",
            "Connection: Transfer-Encoding\r\nTransfer-Encoding: chunked",
            "{chunk}0\r\n\r\n",
            Outcome.RefusedOrOnce,
            "{smuggled}"
        ),
        Post(
            "the host named as of the connection only",
            "Connection: Host\r\nContent-Length: {length}",
            "{smuggled}",
            Outcome.RefusedOrOnce,
            "{smuggled}"
        ),
        Post(
            "an expectation that nobody knows",
            "Expect: 100-continueX\r\nContent-Length: {length}",
            "{smuggled}",
            Outcome.RefusedOrOnce,
            "{smuggled}"
        ),
        Post(
            "an expectation twice",
            "Expect: 100-continue\r\nExpect: y 100-continue\r\nContent-Length: {length}",
            "{smuggled}",
            Outcome.RefusedOrOnce,
            "{smuggled}"
        ),
        Post(
            "an upgrade to HTTP/2",
            "Connection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\nHTTP2-Settings: AAMAAABkAAQAoAAAAAIAAAAA\r\nContent-Length: {length}",
            "{smuggled}",
            Outcome.RefusedOrOnce,
            "{smuggled}"
        ),
        new(
            "a WebSocket of no version, then a request for the pod",
            "GET {target} HTTP/1.1\r\nHost: localhost\r\nX-API-Key: {key}\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 777\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n{bare}",
            Outcome.RefusedOrOnce
        ),
        new(
            "a WebSocket with a body",
            "GET {target} HTTP/1.1\r\nHost: localhost\r\nX-API-Key: {key}\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nContent-Length: {length}\r\n\r\n{smuggled}",
            Outcome.RefusedOrOnce,
            "{smuggled}"
        ),
        new("a request without a body, then one for the pod", "{start}\r\n{bare}", Outcome.Once),
    ];

    private static Shape Post(string name, string fields, string body, Outcome outcome = Outcome.Refused, string seen = "") =>
        new(name, $"{{start}}{fields}\r\n\r\n{body}", outcome, seen);

    /// <summary>A coding that somebody might not see: then the length would count.</summary>
    private static Shape Coding(string coding, Outcome outcome = Outcome.Refused) =>
        Post($"Transfer-Encoding: {coding}", $"Content-Length: {{length}}\r\nTransfer-Encoding: {coding}", "0\r\n\r\n{smuggled}", outcome);

    private static Shape Chunks(
        string name,
        string chunks,
        Outcome outcome = Outcome.Refused,
        string seen = "",
        string field = "Transfer-Encoding: chunked"
    ) => Post(name, field, chunks, outcome, seen);

    /// <summary>A field that must not be, beside a good length.</summary>
    private static Shape Field(string name, string field, Outcome outcome = Outcome.Refused, string seen = "") =>
        Post(name, $"Content-Length: {{length}}\r\n{field}", "0\r\n\r\n{smuggled}", outcome, seen);

    private static Shape Line(string name, string line, Outcome outcome = Outcome.Refused) =>
        new(
            name,
            $"{line}\r\nHost: localhost\r\nX-API-Key: {{key}}\r\nContent-Length: {{length}}\r\n\r\n{{smuggled}}",
            outcome,
            "{smuggled}"
        );
}
