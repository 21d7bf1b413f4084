using DeployCard.Gateway;
using Microsoft.AspNetCore.Http;

namespace DeployCard.Silo.Tests.Gateway;

public sealed class RequestIdTests
{
    private static string Ensure(string? given)
    {
        var context = new DefaultHttpContext();
        if (given is not null)
            context.Request.Headers["X-Request-Id"] = given;
        RequestId.Ensure(context);
        context.Response.Headers["X-Request-Id"].ShouldBe(context.Request.Headers["X-Request-Id"]);
        return context.Response.Headers["X-Request-Id"].ToString();
    }

    [Fact]
    public void Id_of_the_caller_is_kept() => Ensure("mine").ShouldBe("mine");

    [Fact]
    public void Missing_id_is_generated() => Ensure(null).ShouldNotBe(Ensure(null));

    [Fact]
    public void Id_that_is_too_long_is_replaced() => Ensure(new('x', 129)).Length.ShouldBe(32);
}
