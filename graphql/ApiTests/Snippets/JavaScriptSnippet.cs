using static DeployCard.GraphQL.ApiTests.Snippets.Quoting;

namespace DeployCard.GraphQL.ApiTests.Snippets;

/// <summary>A module for Node.js 18 or later that needs nothing installed.</summary>
internal static class JavaScriptSnippet
{
    public static string Of(SnippetRequest request) =>
        $$"""
            const response = await fetch({{ForPrograms(request.Url)}}, {
              method: {{ForPrograms(request.Method)}},
              headers: [
                [{{ForPrograms(SnippetRequest.KeyHeader)}}, process.env.{{SnippetRequest.KeyVariable}}],
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
            { Method: "GET" or "HEAD" } => $"\n  // fetch sends no body with {request.Method}: the one that was given is left out.",
            // Of a string it would say that it is text.
            _ =>
                $"\n  body: {(request.HasContentType ? ForPrograms(request.Body) : $"new TextEncoder().encode({ForPrograms(request.Body)})")},",
        };
}
