using System.Text;
using static DeployCard.GraphQL.ApiTests.Snippets.Quoting;

namespace DeployCard.GraphQL.ApiTests.Snippets;

/// <summary>A command line for a POSIX shell.</summary>
internal static class CurlSnippet
{
    private const string Next = " \\\n  ";

    public static string Of(SnippetRequest request)
    {
        List<string> parts =
        [
            $"curl {Verb(request)}{ForShell(request.Url)}",
            $"-H \"{SnippetRequest.KeyHeader}: ${SnippetRequest.KeyVariable}\"",
        ];
        // An empty value is written with a semicolon; a colon would take the field out.
        parts.AddRange(
            request.Headers.Select(header =>
                $"-H {ForShell(header.Value.Length > 0 ? $"{header.Name}: {header.Value}" : $"{header.Name};")}"
            )
        );
        if (request.Body is not { } body)
            return string.Join(Next, parts);
        // Else it would say that it sends a form.
        if (!request.HasContentType)
            parts.Add("-H 'Content-Type:'");
        return body.Contains('\0')
            // No argument of a program can hold that character.
            ? $"printf %s {Convert.ToBase64String(Encoding.UTF8.GetBytes(body))} | base64 -d | {string.Join(Next, parts.Append("--data-binary @-"))}"
            : string.Join(Next, parts.Append($"--data-raw {ForShell(body)}"));
    }

    private static string Verb(SnippetRequest request) =>
        // Brackets and braces in an address are its own; and what curl does by itself needs no word.
        request switch
        {
            { Method: "HEAD" } => "--globoff --head ",
            { Method: "GET", Body: null } => "--globoff ",
            _ => $"--globoff -X {request.Method} ",
        };
}
