using DeployCard.Silo.Gateway;
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
    public void The_callers_id_is_kept() => Ensure("mine").ShouldBe("mine");

    [Fact]
    public void Without_one_it_is_made() => Ensure(null).ShouldNotBe(Ensure(null));

    [Fact]
    public void One_too_long_is_replaced() => Ensure(new('x', 129)).Length.ShouldBe(32);
}
