using System.Diagnostics;
using System.Text.Json.Nodes;
using DeployCard.EndToEnd.Tests.Support;

namespace DeployCard.EndToEnd.Tests;

/// <summary>Runs generated code snippets with their tools, and compares the requests that a real pod receives.</summary>
public sealed class SnippetTests(SharedEcho shared) : IClassFixture<SharedEcho>
{
    private const string Nasty =
        "{\"text\": \"it's \\\"quoted\\\" \\\\ $HOME `id` %s !x\"}\n\tsecond line\r\n– ü 漢字 😀 \u2028 \u0085 \u007f end\\";

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public static TheoryData<string, string, string, string?, bool> Requests =>
        new()
        {
            { "CURL", "POST", "/v1/x?q=a%20b&z={1}[2]", Nasty, true },
            { "CURL", "GET", "/plain", null, false },
            { "CURL", "GET", "/with-body", "x", false },
            { "CURL", "DELETE", "/ü/ä?ö=1", "", false },
            { "CURL", "POST", "/nul", "a\0b'c\n", false },
            { "PYTHON", "POST", "/v1/x?q=a%20b&z={1}[2]", Nasty, true },
            { "PYTHON", "GET", "/plain", null, false },
            { "PYTHON", "GET", "/with-body", "x", false },
            { "PYTHON", "PUT", "/ü/ä?ö=1", "a\0b", false },
            { "JAVASCRIPT", "POST", "/v1/x?q=a%20b&z={1}[2]", Nasty, true },
            { "JAVASCRIPT", "GET", "/plain", null, false },
            { "JAVASCRIPT", "PUT", "/ü/ä?ö=1", "a\0b", false },
            { "CSHARP", "POST", "/v1/x?q=a%20b&z={1}[2]", Nasty, true },
        };

    [Theory]
    [MemberData(nameof(Requests))]
    public async Task Snippet_sends_the_request_of_the_API_test(string language, string method, string path, string? body, bool hasHeaders)
    {
        object[] headers = hasHeaders
            ? [new { name = "Content-Type", value = "application/json" }, new { name = "X-Note", value = "it's \"so\" \\ $x" }]
            : [];
        var input = new
        {
            deployment = shared.Echo.Name,
            method,
            path,
            headers,
            body,
        };

        var (status, received) = await Paste(language, (await Snippets(input))[language]);

        status.ShouldBe("200");
        var tested = (
            await shared.Card.Query(
                "mutation($i: TestRequestInput!) { testRequest(input: $i) { response { statusCode body } } }",
                new { i = input },
                Cancellation
            )
        )["testRequest"]!["response"]!;
        var (sent, expected) = (JsonNode.Parse(received)!, JsonNode.Parse((string)tested["body"]!)!);
        foreach (var field in new[] { "method", "target", "body" })
            ((string?)sent[field]).ShouldBe((string?)expected[field], field);
        ((string?)sent["body"]).ShouldBe(body ?? "");
        foreach (var header in new[] { "Content-Type", "X-Note" })
            ((string?)sent["headers"]![header]).ShouldBe((string?)expected["headers"]![header], header);
        sent["headers"]!["X-API-Key"].ShouldBeNull();
    }

    [Theory]
    [InlineData("CURL")]
    [InlineData("PYTHON")]
    [InlineData("JAVASCRIPT")]
    public async Task Snippet_for_an_asynchronous_call_is_accepted(string language)
    {
        var (status, accepted) = await Paste(
            language,
            (
                await Snippets(
                    new
                    {
                        deployment = shared.Echo.Name,
                        path = "/x",
                        body = "x",
                        isAsync = true,
                    }
                )
            )[language]
        );

        status.ShouldBe("202");
        ((string?)JsonNode.Parse(accepted)!["id"]).ShouldNotBeNullOrEmpty();
    }

    [Fact]
    public async Task Key_in_the_request_headers_is_not_part_of_any_snippet()
    {
        var all = await Snippets(
            new { deployment = shared.Echo.Name, headers = new[] { new { name = "x-api-key", value = "dck_secret" } } }
        );

        all.Count.ShouldBe(4);
        all.Values.ShouldAllBe(code =>
            !code.Contains("dck_secret", StringComparison.Ordinal) && code.Contains("DEPLOYCARD_KEY", StringComparison.Ordinal)
        );
    }

    private async Task<Dictionary<string, string>> Snippets(object input) =>
        (
            await shared.Card.Query(
                "query($i: TestRequestInput!) { snippets(input: $i) { language code } }",
                new { i = input },
                Cancellation
            )
        )["snippets"]!
            .AsArray()
            .ToDictionary(snippet => (string)snippet!["language"]!, snippet => (string)snippet!["code"]!);

    private async Task<(string Status, string Body)> Paste(string language, string code)
    {
        var folder = Directory.CreateTempSubdirectory("deploycard-snippet-");
        try
        {
            string Write(string name, string text)
            {
                var path = Path.Combine(folder.FullName, name);
                File.WriteAllText(path, text);
                return path;
            }

            // Only curl does not print the status by default.
            if (language is "CURL")
            {
                var body = await Run("sh", [Write("snippet.sh", $"{code} -sS -o response -w '%{{http_code}}'")], folder.FullName);
                return (body, await File.ReadAllTextAsync(Path.Combine(folder.FullName, "response"), Cancellation));
            }

            var output = await (
                language switch
                {
                    "PYTHON" => Run("python3", [Write("snippet.py", code)], folder.FullName),
                    "JAVASCRIPT" => Run("node", [Write("snippet.mjs", code)], folder.FullName),
                    _ => Run("dotnet", ["run", Write("snippet.cs", $"#:property PublishAot=false\n{code}")], folder.FullName),
                }
            );
            var lines = output.Split('\n', 2);
            return (lines[0].Trim(), lines[1]);
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    private async Task<string> Run(string program, string[] arguments, string folder)
    {
        var start = new ProcessStartInfo(program, arguments)
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            UseShellExecute = false,
            WorkingDirectory = folder,
        };
        start.Environment["DEPLOYCARD_KEY"] = shared.Echo.Key;
        start.Environment["PYTHONIOENCODING"] = "utf-8";
        using var process = Process.Start(start)!;
        var (output, errors) = (process.StandardOutput.ReadToEndAsync(Cancellation), process.StandardError.ReadToEndAsync(Cancellation));
        await process.WaitForExitAsync(Cancellation);
        process.ExitCode.ShouldBe(0, $"{await errors}\n{await output}");
        return await output;
    }
}
