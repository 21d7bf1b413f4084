using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using DeployCard.Grains.AsyncCalls;
using DeployCard.Silo.Gateway;

namespace DeployCard.Silo.Tests.Gateway;

public sealed class ResultDocumentTests
{
    private static readonly CallId Id = CallId.New(DateTimeOffset.UnixEpoch);

    /// <summary>The document as a client reads it.</summary>
    private static JsonObject Document(string? contentType, byte[] body, int status = 200, params CallHeader[] more)
    {
        CallHeader[] headers = [.. contentType is null ? [] : new[] { new CallHeader("Content-Type", contentType) }, .. more];
        var document = ResultDocument.Of(Id, new(status, headers, null), body);
        return JsonNode.Parse(JsonSerializer.SerializeToUtf8Bytes(document, CallJson.Default.ResultDocument))!.AsObject();
    }

    private static JsonObject Document(string? contentType, string body) => Document(contentType, Encoding.UTF8.GetBytes(body));

    [Theory]
    [InlineData("application/json")]
    [InlineData("Application/JSON; charset=utf-8")]
    [InlineData("application/problem+json")]
    [InlineData("application/vnd.kserve.v2+json; profile=x")]
    public void Json_stands_in_it_as_json(string type)
    {
        var document = Document(type, """{"answer": [1, 2.50, "é"]}""");

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
    public void Every_json_value_stands_in_it_as_it_is(string json)
    {
        var document = ResultDocument.Of(Id, new(200, [new("Content-Type", "application/json")], null), Encoding.UTF8.GetBytes(json));

        var text = JsonSerializer.Serialize(document, CallJson.Default.ResultDocument);
        text.ShouldContain($"\"body\":{json}");
        text.ShouldNotContain("bodyBase64");
    }

    [Theory]
    [InlineData("application/json", "{\"cut\":")]
    [InlineData("application/json", "NaN")]
    [InlineData("application/json", "{} {}")]
    [InlineData("text/plain", "{}")]
    [InlineData("application/jsonl", "{}")]
    [InlineData("no type at all", "{}")]
    [InlineData("", "{}")]
    [InlineData(null, "{}")]
    public void What_is_no_json_stands_in_it_as_base64(string? type, string body)
    {
        var document = Document(type, body);

        Encoding.UTF8.GetString(Convert.FromBase64String(document["bodyBase64"]!.GetValue<string>())).ShouldBe(body);
        document.ContainsKey("body").ShouldBeFalse();
    }

    [Fact]
    public void Any_bytes_come_back_the_same()
    {
        byte[] body = [.. Enumerable.Range(0, 256).Select(n => (byte)n)];

        var document = Document("application/octet-stream", body);

        Convert.FromBase64String(document["bodyBase64"]!.GetValue<string>()).ShouldBe(body);
        document["contentType"]!.GetValue<string>().ShouldBe("application/octet-stream");
    }

    [Theory]
    [InlineData("application/json")]
    [InlineData("text/plain")]
    [InlineData(null)]
    public void No_body_is_neither(string? type)
    {
        var document = Document(type, []);

        document.ContainsKey("body").ShouldBeFalse();
        document.ContainsKey("bodyBase64").ShouldBeFalse();
    }

    [Theory]
    [InlineData(63, true)]
    [InlineData(64, false)]
    [InlineData(200, false)]
    public void Json_too_deep_to_stand_in_a_document_is_not_lost(int depth, bool isJson)
    {
        var body = new string('[', depth) + new string(']', depth);

        var document = ResultDocument.Of(Id, new(200, [new("Content-Type", "application/json")], null), Encoding.UTF8.GetBytes(body));

        JsonSerializer.Serialize(document, CallJson.Default.ResultDocument).ShouldContain(isJson ? body : Convert.ToBase64String(Encoding.UTF8.GetBytes(body)));
    }

    [Fact]
    public void Id_status_and_headers_stand_in_it()
    {
        var document = Document("text/plain", [1], 404, new("X-Mine", "a"), new("x-mine", "b"));

        document["id"]!.GetValue<string>().ShouldBe(Id.Value);
        document["status"]!.GetValue<int>().ShouldBe(404);
        document["headers"]!["X-Mine"]!.GetValue<string>().ShouldBe("a, b");
    }
}
