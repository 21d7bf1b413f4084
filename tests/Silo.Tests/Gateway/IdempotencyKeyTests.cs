using System.Text;
using DeployCard.Gateway;
using Microsoft.AspNetCore.Http;

namespace DeployCard.Silo.Tests.Gateway;

public sealed class IdempotencyKeyTests
{
    [Theory]
    [InlineData("8e03978e-40d5-43dd-bc93-6894a57f9324", "8e03978e-40d5-43dd-bc93-6894a57f9324")]
    [InlineData("\"8e03978e-40d5-43dd-bc93-6894a57f9324\"", "8e03978e-40d5-43dd-bc93-6894a57f9324")]
    [InlineData("x", "x")]
    public void Key_is_accepted_with_and_without_quotes(string given, string key) =>
        IdempotencyKey.Parse(With(given)).ShouldBe((key, null));

    [Theory]
    [InlineData("")]
    [InlineData("\"\"")]
    [InlineData("two words")]
    [InlineData("schlüssel")]
    [InlineData("a,b")]
    [InlineData("\"a\"b\"")]
    [InlineData("back\\slash")]
    public void Invalid_key_is_rejected_with_the_header_name(string given)
    {
        var (key, problem) = IdempotencyKey.Parse(With(given));

        key.ShouldBeNull();
        (problem!.Status, problem.Code).ShouldBe((400, "INVALID_HEADER"));
        problem.Detail.ShouldStartWith("Idempotency-Key must be 1 to 255");
    }

    [Fact]
    public void Key_has_at_most_255_characters_and_is_sent_once()
    {
        IdempotencyKey.Parse(With(new string('k', 255))).Problem.ShouldBeNull();
        IdempotencyKey.Parse(With(new string('k', 256))).Problem.ShouldNotBeNull();
        IdempotencyKey.Parse(new HeaderDictionary { ["Idempotency-Key"] = new(["a", "b"]) }).Problem.ShouldNotBeNull();
        IdempotencyKey.Parse(new HeaderDictionary()).ShouldBe((null, null));
    }

    [Theory]
    [InlineData("POST", "/x?a=1", "text/plain", "body", true)]
    [InlineData("PUT", "/x?a=1", "text/plain", "body", false)]
    [InlineData("POST", "/x?a=2", "text/plain", "body", false)]
    [InlineData("POST", "/x?a=1", "application/json", "body", false)]
    [InlineData("POST", "/x?a=1", "text/plain", "bodY", false)]
    public void Fingerprint_covers_method_target_content_type_and_body(
        string method,
        string target,
        string type,
        string body,
        bool isSame
    ) => (Hash(method, target, type, body) == Hash("POST", "/x?a=1", "text/plain", "body")).ShouldBe(isSame);

    private static string Hash(string method, string target, string type, string body)
    {
        var request = new DefaultHttpContext().Request;
        (request.Method, request.ContentType) = (method, type);
        using var hash = IdempotencyKey.StartFingerprint(request, target);
        hash.AppendData(Encoding.UTF8.GetBytes(body));
        return Convert.ToHexString(hash.GetHashAndReset());
    }

    private static HeaderDictionary With(string key) => new() { ["Idempotency-Key"] = key };
}
