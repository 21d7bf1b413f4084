using System.Text;
using DeployCard.Contracts.Callbacks;

namespace DeployCard.Grains.Tests.Callbacks;

public sealed class WebhookSignatureTests
{
    private static readonly byte[] Secret = Convert.FromBase64String("MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw");

    [Fact]
    public void Signature_matches_the_test_vector_of_Standard_Webhooks() =>
        WebhookSignature
            .Sign([Secret], "msg_p5jXN8AQM9LWM0D4loKWxJek", "1614265330", """{"test": 2432232314}"""u8)
            .ShouldBe("v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=");

    [Fact]
    public void Signatures_of_several_secrets_keep_their_order_and_are_separated_by_a_space()
    {
        var other = Encoding.ASCII.GetBytes("another secret of some length");

        var both = WebhookSignature.Sign([Secret, other], "id", "1", "body"u8).Split(' ');

        both.ShouldBe([WebhookSignature.Sign([Secret], "id", "1", "body"u8), WebhookSignature.Sign([other], "id", "1", "body"u8)]);
        both[0].ShouldNotBe(both[1]);
    }

    [Theory]
    [InlineData("other", "1", "body")]
    [InlineData("id", "2", "body")]
    [InlineData("id", "1", "body ")]
    public void Signature_covers_id_time_and_body(string id, string timestamp, string body) =>
        WebhookSignature
            .Sign([Secret], id, timestamp, Encoding.UTF8.GetBytes(body))
            .ShouldNotBe(WebhookSignature.Sign([Secret], "id", "1", "body"u8));

    [Fact]
    public void Timestamp_is_in_seconds_since_1970() =>
        WebhookSignature.FormatTimestamp(new(2021, 2, 25, 15, 2, 10, 900, TimeSpan.Zero)).ShouldBe("1614265330");
}

public sealed class WebhookSecretFactoryTests
{
    private static readonly Guid Deployment = Guid.Parse("01234567-89ab-cdef-0123-456789abcdef");
    private readonly WebhookSecretFactory factory = new(Installation(1));

    [Fact]
    public void Derivation_of_a_secret_is_deterministic() =>
        new WebhookSecretFactory(Installation(1)).Derive(Deployment, "a").ShouldBe(factory.Derive(Deployment, "a"));

    [Fact]
    public void Secret_depends_on_installation_deployment_and_id()
    {
        var secret = factory.Derive(Deployment, "a");

        secret.Length.ShouldBe(32);
        new WebhookSecretFactory(Installation(2)).Derive(Deployment, "a").ShouldNotBe(secret);
        factory.Derive(Guid.Empty, "a").ShouldNotBe(secret);
        factory.Derive(Deployment, "b").ShouldNotBe(secret);
    }

    [Fact]
    public void Secret_text_has_the_format_of_Standard_Webhooks() =>
        factory.DeriveText(Deployment, "a").ShouldBe("whsec_" + Convert.ToBase64String(factory.Derive(Deployment, "a")));

    [Fact]
    public void Too_short_installation_secret_is_rejected() =>
        Should.Throw<ArgumentOutOfRangeException>(() => new WebhookSecretFactory(new byte[31]));

    [Fact]
    public void Text_of_a_new_secret_is_not_in_its_description() =>
        new NewWebhookSecret(new("a", default, "anna"), "whsec_text").ToString().ShouldNotContain("whsec_text");

    private static byte[] Installation(byte fill) => [.. Enumerable.Repeat(fill, 32)];
}
