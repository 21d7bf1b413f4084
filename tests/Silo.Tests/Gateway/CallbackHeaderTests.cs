using DeployCard.Grains.Callbacks;
using DeployCard.Silo.Gateway;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Options;

namespace DeployCard.Silo.Tests.Gateway;

public sealed class CallbackHeaderTests
{
    private readonly CallbackHeader header = new(new(new(Options.Create(new CallbackOptions())), Options.Create(new CallbackOptions())));

    [Fact]
    public void Without_it_nobody_is_told() => header.Read(new HeaderDictionary(), Routes.Of(1)).ShouldBe((null, null));

    [Fact]
    public void A_good_address_is_taken() =>
        Read("https://hooks.example.com/done").ShouldBe((new Uri("https://hooks.example.com/done"), null));

    [Theory]
    [InlineData("http://hooks.example.com/")]
    [InlineData("https://10.0.0.1/")]
    [InlineData("")]
    public void A_bad_one_is_refused_with_name_value_and_what_is_allowed(string given)
    {
        var problem = Read(given).Problem.ShouldNotBeNull();

        problem.Status.ShouldBe(400);
        problem.Code.ShouldBe("INVALID_HEADER");
        problem.Detail.ShouldStartWith("X-Callback-Url must be ");
        problem.Detail.ShouldContain($"'{given}'");
    }

    [Fact]
    public void Two_of_them_are_refused() =>
        Read("https://a.example/", "https://b.example/").Problem.ShouldNotBeNull().Detail.ShouldContain("once");

    [Fact]
    public void A_deployment_without_a_secret_says_how_to_make_one()
    {
        var headers = new HeaderDictionary { [CallbackHeader.Name] = "https://hooks.example.com/done" };

        var problem = header.Read(headers, Routes.Of(1)).Problem.ShouldNotBeNull();

        problem.Status.ShouldBe(400);
        problem.Code.ShouldBe("WEBHOOK_SECRET_MISSING");
        problem.Detail.ShouldContain("createWebhookSecret");
    }

    private (Uri? Url, GatewayProblem? Problem) Read(params string[] given) =>
        header.Read(new HeaderDictionary { [CallbackHeader.Name] = given }, Routes.Of(1) with { HasWebhookSecret = true });
}
