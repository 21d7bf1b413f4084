using DeployCard.Contracts.Routing;
using static DeployCard.GraphQL.ApiTests.Snippets.Quoting;

namespace DeployCard.GraphQL.ApiTests.Snippets;

/// <summary>Generates a module for Node.js 18 or later without dependencies.</summary>
internal static class JavaScriptSnippet
{
    public static string Create(SnippetRequest request) =>
        $$"""
            const response = await fetch({{ForPrograms(request.Url)}}, {
              method: {{ForPrograms(request.Method)}},
              headers: [
                [{{ForPrograms(HeaderNames.ApiKey)}}, process.env.{{SnippetRequest.KeyVariable}}],
            {{Headers(request)}}  ],{{Body(request)}}
            });
            console.log(response.status);
            console.log(await response.text());

            """;

    private static string Headers(SnippetRequest request) =>
        string.Concat(request.Headers.Select(header => $"    [{ForPrograms(header.Name)}, {ForPrograms(header.Value)}],\n"));

    private static string Body(SnippetRequest request) =>
        request switch
        {
            { Body: null } => "",
            { Method: "GET" or "HEAD" } => $"\n  // fetch cannot send a body with {request.Method}; the given body is omitted.",
            // fetch adds Content-Type: text/plain to a string body but not to bytes.
            _ => $"\n  body: {(request.HasContentType ? ForPrograms(request.Body) : EncodedBody(request.Body))},",
        };

    private static string EncodedBody(string body) => $"new TextEncoder().encode({ForPrograms(body)})";
}
