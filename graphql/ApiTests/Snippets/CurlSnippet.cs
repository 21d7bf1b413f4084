using System.Text;
using DeployCard.Contracts.Routing;
using static DeployCard.GraphQL.ApiTests.Snippets.Quoting;

namespace DeployCard.GraphQL.ApiTests.Snippets;

/// <summary>Generates a curl command line for a POSIX shell.</summary>
internal static class CurlSnippet
{
    private const string Next = " \\\n  ";

    public static string Create(SnippetRequest request)
    {
        List<string> parts =
        [
            $"curl {Verb(request)}{ForShell(request.Url)}",
            $"-H \"{HeaderNames.ApiKey}: ${SnippetRequest.KeyVariable}\"",
        ];
        // curl sends an empty header value only for "Name;". "Name:" would remove the header.
        parts.AddRange(
            request.Headers.Select(header =>
                $"-H {ForShell(header.Value.Length > 0 ? $"{header.Name}: {header.Value}" : $"{header.Name};")}"
            )
        );
        if (request.Body is not { } body)
            return string.Join(Next, parts);
        // Without this option, curl adds Content-Type: application/x-www-form-urlencoded.
        if (!request.HasContentType)
            parts.Add("-H 'Content-Type:'");
        return body.Contains('\0')
            // A command-line argument cannot contain NUL, so the body is piped in.
            ? $"printf %s {Convert.ToBase64String(Encoding.UTF8.GetBytes(body))} | base64 -d | "
                + $"{string.Join(Next, parts.Append("--data-binary @-"))}"
            : string.Join(Next, parts.Append($"--data-raw {ForShell(body)}"));
    }

    private static string Verb(SnippetRequest request) =>
        // --globoff sends brackets and braces in the URL unchanged. curl infers GET and HEAD; other methods need -X.
        request switch
        {
            { Method: "HEAD" } => "--globoff --head ",
            { Method: "GET", Body: null } => "--globoff ",
            _ => $"--globoff -X {request.Method} ",
        };
}
