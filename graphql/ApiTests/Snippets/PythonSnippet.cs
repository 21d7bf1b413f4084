using DeployCard.Contracts.Routing;
using static DeployCard.GraphQL.ApiTests.Snippets.Quoting;

namespace DeployCard.GraphQL.ApiTests.Snippets;

/// <summary>Generates a program for Python 3 that uses only the standard library.</summary>
internal static class PythonSnippet
{
    public static string Create(SnippetRequest request) =>
        $$"""
            import http.client
            import os
            from urllib.parse import urlsplit

            url = urlsplit({{ForPrograms(request.Url)}})
            connect = http.client.HTTPSConnection if url.scheme == "https" else http.client.HTTPConnection
            connection = connect(url.netloc)
            connection.putrequest({{ForPrograms(request.Method)}}, url._replace(scheme="", netloc="").geturl(), skip_accept_encoding=True)
            connection.putheader({{ForPrograms(HeaderNames.ApiKey)}}, os.environ[{{ForPrograms(SnippetRequest.KeyVariable)}}])
            {{Headers(request)}}{{Body(request)}}
            response = connection.getresponse()
            print(response.status)
            print(response.read().decode())

            """;

    private static string Headers(SnippetRequest request) =>
        string.Concat(
            request.Headers.Select(header => $"connection.putheader({ForPrograms(header.Name)}, {ForPrograms(header.Value)}.encode())\n")
        );

    private static string Body(SnippetRequest request) =>
        request.Body is not { } body
            ? "connection.endheaders()"
            : $"""
                body = {ForPrograms(body)}.encode()
                connection.putheader("Content-Length", str(len(body)))
                connection.endheaders(body)
                """;
}
