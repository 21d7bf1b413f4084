using DeployCard.Contracts.Callbacks;
using DeployCard.Contracts.Routing;
using DeployCard.Gateway;
using DeployCard.Gateway.Problems;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Options;

namespace DeployCard.Silo.Tests.Gateway;

public sealed class CallbackHeaderTests
{
    private readonly CallbackHeader header = new(new(new(Options.Create(new CallbackOptions())), Options.Create(new CallbackOptions())));

    [Fact]
    public void Absent_header_requests_no_callback() => header.Read(new HeaderDictionary(), Routes.Create(1)).ShouldBe((null, null));

    [Fact]
    public void Valid_address_is_accepted() =>
        Read("https://hooks.example.com/done").ShouldBe((new Uri("https://hooks.example.com/done"), null));

    [Theory]
    [InlineData("http://hooks.example.com/")]
    [InlineData("https://10.0.0.1/")]
    [InlineData("")]
    public void Invalid_address_is_rejected_with_name_value_and_allowed_values(string given)
    {
        var problem = Read(given).Problem.ShouldNotBeNull();

        problem.Status.ShouldBe(400);
        problem.Code.ShouldBe("INVALID_HEADER");
        problem.Detail.ShouldStartWith("X-Callback-Url must be ");
        problem.Detail.ShouldContain($"'{given}'");
    }

    [Fact]
    public void Two_addresses_are_rejected() =>
        Read("https://a.example/", "https://b.example/").Problem.ShouldNotBeNull().Detail.ShouldContain("once");

    [Fact]
    public void Missing_webhook_secret_is_rejected_with_a_remedy()
    {
        var headers = new HeaderDictionary { [HeaderNames.CallbackUrl] = "https://hooks.example.com/done" };

        var problem = header.Read(headers, Routes.Create(1)).Problem.ShouldNotBeNull();

        problem.Status.ShouldBe(400);
        problem.Code.ShouldBe("WEBHOOK_SECRET_MISSING");
        problem.Detail.ShouldContain("createWebhookSecret");
    }

    private (Uri? Url, GatewayProblem? Problem) Read(params string[] given) =>
        header.Read(new HeaderDictionary { [HeaderNames.CallbackUrl] = given }, Routes.Create(1) with { HasWebhookSecret = true });
}
