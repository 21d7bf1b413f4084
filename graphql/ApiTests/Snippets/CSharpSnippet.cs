using DeployCard.Contracts.Routing;
using static DeployCard.GraphQL.ApiTests.Snippets.Quoting;

namespace DeployCard.GraphQL.ApiTests.Snippets;

/// <summary>Generates a complete <c>Program.cs</c> for .NET 6 or later without package references.</summary>
internal static class CSharpSnippet
{
    public static string Create(SnippetRequest request) =>
        $$"""
            using System.Net.Http;
            using System.Text;

            using var client = new HttpClient();
            using var request = new HttpRequestMessage(new HttpMethod({{ForPrograms(request.Method)}}), {{ForPrograms(request.Url)}});
            request.Headers.Add({{ForPrograms(HeaderNames.ApiKey)}}, Environment.GetEnvironmentVariable({{ForPrograms(
                SnippetRequest.KeyVariable
            )}}));
            {{Body(request)}}{{Headers(request)}}using var response = await client.SendAsync(request);
            Console.WriteLine((int)response.StatusCode);
            Console.WriteLine(await response.Content.ReadAsStringAsync());

            """;

    private static string Body(SnippetRequest request) =>
        request.Body is { } body ? $"request.Content = new ByteArrayContent(Encoding.UTF8.GetBytes({ForPrograms(body)}));\n" : "";

    private static string Headers(SnippetRequest request) =>
        string.Concat(
            request.Headers.Select(header =>
                $"request.{(SnippetRequest.IsContentHeader(header) ? "Content." : "")}Headers"
                + $".TryAddWithoutValidation({ForPrograms(header.Name)}, {ForPrograms(header.Value)});\n"
            )
        );
}
