using System.Text;
using DeployCard.Grains.Callbacks;

namespace DeployCard.Grains.Tests.Callbacks;

public sealed class WebhookSignatureTests
{
    private static readonly byte[] Secret = Convert.FromBase64String("MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw");

    [Fact]
    public void The_published_vector_of_Standard_Webhooks_comes_out() =>
        WebhookSignature
            .Of([Secret], "msg_p5jXN8AQM9LWM0D4loKWxJek", "1614265330", """{"test": 2432232314}"""u8)
            .ShouldBe("v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=");

    [Fact]
    public void Each_secret_signs_in_its_order_with_a_space_between()
    {
        var other = Encoding.ASCII.GetBytes("another secret of some length");

        var both = WebhookSignature.Of([Secret, other], "id", "1", "body"u8).Split(' ');

        both.ShouldBe([WebhookSignature.Of([Secret], "id", "1", "body"u8), WebhookSignature.Of([other], "id", "1", "body"u8)]);
        both[0].ShouldNotBe(both[1]);
    }

    [Theory]
    [InlineData("other", "1", "body")]
    [InlineData("id", "2", "body")]
    [InlineData("id", "1", "body ")]
    public void Id_time_and_body_are_all_signed(string id, string timestamp, string body) =>
        WebhookSignature
            .Of([Secret], id, timestamp, Encoding.UTF8.GetBytes(body))
            .ShouldNotBe(WebhookSignature.Of([Secret], "id", "1", "body"u8));

    [Fact]
    public void The_time_is_in_seconds_since_1970() =>
        WebhookSignature.Timestamp(new(2021, 2, 25, 15, 2, 10, 900, TimeSpan.Zero)).ShouldBe("1614265330");
}

public sealed class WebhookSecretFactoryTests
{
    private static readonly Guid Deployment = Guid.Parse("01234567-89ab-cdef-0123-456789abcdef");
    private readonly WebhookSecretFactory factory = new(Installation(1));

    [Fact]
    public void A_secret_is_the_same_each_time_that_it_is_derived() =>
        new WebhookSecretFactory(Installation(1)).Derive(Deployment, "a").ShouldBe(factory.Derive(Deployment, "a"));

    [Fact]
    public void Installation_deployment_and_id_each_make_another_secret()
    {
        var secret = factory.Derive(Deployment, "a");

        secret.Length.ShouldBe(32);
        new WebhookSecretFactory(Installation(2)).Derive(Deployment, "a").ShouldNotBe(secret);
        factory.Derive(Guid.Empty, "a").ShouldNotBe(secret);
        factory.Derive(Deployment, "b").ShouldNotBe(secret);
    }

    [Fact]
    public void Its_text_is_that_of_Standard_Webhooks() =>
        factory.Text(Deployment, "a").ShouldBe("whsec_" + Convert.ToBase64String(factory.Derive(Deployment, "a")));

    [Fact]
    public void A_short_secret_of_an_installation_is_refused() =>
        Should.Throw<ArgumentOutOfRangeException>(() => new WebhookSecretFactory(new byte[31]));

    [Fact]
    public void A_new_secret_does_not_tell_its_text_to_a_log() =>
        new NewWebhookSecret(new("a", default, "anna"), "whsec_text").ToString().ShouldNotContain("whsec_text");

    private static byte[] Installation(byte fill) => [.. Enumerable.Repeat(fill, 32)];
}
