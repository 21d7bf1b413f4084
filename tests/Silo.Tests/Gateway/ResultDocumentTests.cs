using System.IO.Pipelines;
using System.Text;
using System.Text.Json.Nodes;
using DeployCard.Client.Http;
using DeployCard.Contracts.AsyncCalls;

namespace DeployCard.Silo.Tests.Gateway;

public sealed class ResultDocumentTests
{
    private static readonly CallId Id = CallId.Create(DateTimeOffset.UnixEpoch);

    /// <summary>Text of the document as sent.</summary>
    private static async Task<string> Text(string? contentType, byte[] body, int status = 200, params CallHeader[] more)
    {
        CallHeader[] headers = [.. contentType is null ? [] : new[] { new CallHeader("Content-Type", contentType) }, .. more];
        using var sent = new MemoryStream();
        await ResultDocument.Write(
            PipeWriter.Create(sent),
            Id,
            new(status, headers, null),
            new MemoryStream(body),
            TestContext.Current.CancellationToken
        );
        return Encoding.UTF8.GetString(sent.ToArray());
    }

    private static Task<string> Text(string? contentType, string body) => Text(contentType, Encoding.UTF8.GetBytes(body));

    /// <summary>Document as parsed by a client.</summary>
    private static async Task<JsonObject> Document(string? contentType, byte[] body, int status = 200, params CallHeader[] more) =>
        JsonNode.Parse(await Text(contentType, body, status, more))!.AsObject();

    private static Task<JsonObject> Document(string? contentType, string body) => Document(contentType, Encoding.UTF8.GetBytes(body));

    [Theory]
    [InlineData("application/json")]
    [InlineData("Application/JSON; charset=utf-8")]
    [InlineData("application/json; charset=\"UTF-8\"")]
    [InlineData("application/json; charset=us-ascii")]
    [InlineData("application/problem+json")]
    [InlineData("application/vnd.kserve.v2+json; profile=x")]
    public async Task Json_body_is_included_as_json(string type)
    {
        var document = await Document(type, """{"answer": [1, 2.50, "é"]}""");

        document["body"]!["answer"]!.AsArray().Count.ShouldBe(3);
        document["body"]!["answer"]![2]!.GetValue<string>().ShouldBe("é");
        document["contentType"]!.GetValue<string>().ShouldBe(type);
        document.ContainsKey("bodyBase64").ShouldBeFalse();
    }

    [Theory]
    [InlineData("null")]
    [InlineData("true")]
    [InlineData("0")]
    [InlineData("\"text\"")]
    [InlineData("[]")]
    [InlineData("12345678901234567890.123456789012345678901234567890")]
    [InlineData("""{"twice":1,"twice":2}""")]
    public async Task Every_json_value_is_included_unchanged(string json)
    {
        var text = await Text("application/json", json);

        text.ShouldContain($"\"body\":{json}");
        text.ShouldNotContain("bodyBase64");
    }

    [Theory]
    [InlineData("application/json", "{\"cut\":")]
    [InlineData("application/json", "NaN")]
    [InlineData("application/json", "{} {}")]
    [InlineData("application/json", "\uFEFF{}")]
    [InlineData("application/json; charset=iso-8859-1", "{}")]
    [InlineData("application/json; charset=utf-16", "{}")]
    [InlineData("text/plain", "{}")]
    [InlineData("application/jsonl", "{}")]
    [InlineData("no type at all", "{}")]
    [InlineData("", "{}")]
    [InlineData(null, "{}")]
    public async Task Other_body_is_included_as_base64(string? type, string body)
    {
        var document = await Document(type, body);

        Encoding.UTF8.GetString(Convert.FromBase64String(document["bodyBase64"]!.GetValue<string>())).ShouldBe(body);
        document.ContainsKey("body").ShouldBeFalse();
    }

    [Fact]
    public async Task Arbitrary_bytes_round_trip()
    {
        byte[] body = [.. Enumerable.Range(0, 256).Select(n => (byte)n)];

        var document = await Document("application/octet-stream", body);

        Convert.FromBase64String(document["bodyBase64"]!.GetValue<string>()).ShouldBe(body);
        document["contentType"]!.GetValue<string>().ShouldBe("application/octet-stream");
    }

    [Theory]
    [InlineData("application/json")]
    [InlineData("text/plain")]
    [InlineData(null)]
    public async Task Empty_body_yields_neither_property(string? type)
    {
        var document = await Document(type, []);

        document.ContainsKey("body").ShouldBeFalse();
        document.ContainsKey("bodyBase64").ShouldBeFalse();
    }

    [Theory]
    [InlineData(63, true)]
    [InlineData(64, false)]
    [InlineData(200, false)]
    public async Task Json_that_is_too_deep_is_included_as_base64(int depth, bool isJson)
    {
        var body = new string('[', depth) + new string(']', depth);

        (await Text("application/json", body)).ShouldContain(isJson ? body : Convert.ToBase64String(Encoding.UTF8.GetBytes(body)));
    }

    [Fact]
    public async Task Document_contains_id_status_and_headers()
    {
        var document = await Document("text/plain", [1], 404, new("X-Mine", "a"), new("x-mine", "b"));

        document["id"]!.GetValue<string>().ShouldBe(Id.Value);
        document["status"]!.GetValue<int>().ShouldBe(404);
        document["headers"]!["X-Mine"]!.GetValue<string>().ShouldBe("a, b");
    }

    [Fact]
    public async Task Text_in_another_encoding_is_not_treated_as_json()
    {
        var document = await Document("application/json", [(byte)'"', 0xe9, (byte)'"']);

        Convert.FromBase64String(document["bodyBase64"]!.GetValue<string>()).ShouldBe([(byte)'"', 0xe9, (byte)'"']);
    }

    [Fact]
    public async Task Json_body_is_copied_byte_for_byte()
    {
        const string Json = "{ \"a\" : [ 1.0e+2 ,\t\"<é> \\u00e9\" ]\r\n}\n";

        (await Text("application/json", Json)).ShouldEndWith($"\"body\":{Json}}}");
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(200_000)]
    [InlineData(200_001)]
    public async Task Long_body_round_trips(int length)
    {
        var body = new byte[length];
        new Random(length).NextBytes(body);

        Convert.FromBase64String((await Document("image/png", body))["bodyBase64"]!.GetValue<string>()).ShouldBe(body);
    }

    [Fact]
    public async Task Json_with_a_long_string_is_included_as_json()
    {
        var text = new string('x', 300_000);

        (await Document("application/json", $"[\"{text}\"]"))["body"]![0]!.GetValue<string>().ShouldBe(text);
    }
}
