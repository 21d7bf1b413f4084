using System.Security.Claims;
using DeployCard.Grains.AsyncCalls;
using DeployCard.Grains.Keys;
using DeployCard.GraphQL;
using DeployCard.Silo.Gateway;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;

namespace DeployCard.Silo.Tests.Gateway;

public sealed class CallLookupTests : IClassFixture<CallSilo>, IGraphQLAuthenticator, IDisposable
{
    private const string Token = "an administrator's";

    private readonly CallSilo silo;
    private readonly CallIds ids = new(new byte[32]);
    private readonly FakeTimeProvider time;
    private readonly KeyUses uses;
    private readonly CallLookup calls;

    public CallLookupTests(CallSilo silo)
    {
        this.silo = silo;
        time = new(silo.Silos.Clock.GetUtcNow());
        // It only notes the use here: nothing is written.
        uses = new(null!, new(time), time, NullLogger<KeyUses>.Instance);
        var keys = new KeyCheck(silo.Silos.Hasher, silo.Silos.Service<IKeyStore>(), uses, new(), time);
        calls = new(
            silo.Silos.Grains,
            new(time),
            new(name => silo.Silos.Deployment(name.Value).GetRoute(), new(time), time),
            keys,
            this,
            ids,
            time
        );
    }

    public void Dispose() => uses.Dispose();

    ValueTask<ClaimsPrincipal?> IGraphQLAuthenticator.Authenticate(string? bearerToken, CancellationToken ct) =>
        new(bearerToken == Token ? new ClaimsPrincipal(new ClaimsIdentity([new(ClaimTypes.Name, "Ada")], "token")) : null);

    [Fact]
    public async Task A_call_is_found_by_whoever_has_a_key_of_its_deployment()
    {
        var id = await silo.Accept();

        var found = await calls.Find(Request(silo.Key), id.Value);

        found.Problem.ShouldBeNull();
        found.Call!.Id.ShouldBe(id);
        found.Route!.Route.Deployment.Value.ShouldBe("iris");
    }

    [Fact]
    public async Task A_call_is_found_by_an_administrator_who_is_named_from_then_on()
    {
        var id = await silo.Accept();
        var request = Request(null);
        request.Headers.Authorization = $"Bearer {Token}";

        (await calls.Find(request, id.Value)).Problem.ShouldBeNull();
        request.HttpContext.User.Identity!.Name.ShouldBe("Ada");
        (await calls.Find(request, ids.New(time.GetUtcNow()).Value)).Problem!.Code.ShouldBe("CALL_EXPIRED");

        request.Headers.Authorization = "Bearer another";
        request.HttpContext.User = new();
        (await calls.Find(request, id.Value)).Problem!.Code.ShouldBe("KEY_INVALID");
    }

    [Fact]
    public async Task A_call_that_was_given_out_and_is_gone_has_expired()
    {
        var id = await silo.Accept(ids.New(time.GetUtcNow()));
        (await Code(silo.Key, id.Value)).ShouldBeNull();

        await silo.Call(id).Remove(TestContext.Current.CancellationToken);

        (await Code(silo.Key, id.Value)).ShouldBe("CALL_EXPIRED");
    }

    [Fact]
    public async Task A_call_that_is_due_to_go_has_expired_though_it_is_still_there()
    {
        var id = await silo.Accept();
        await silo.Cancel(id);
        (await Code(silo.Key, id.Value)).ShouldBeNull();

        time.Advance(CallLimits.Default.Retention + TimeSpan.FromMinutes(1));

        (await silo.Call(id).Get()).ShouldNotBeNull();
        (await Code(silo.Key, id.Value)).ShouldBe("CALL_EXPIRED");
    }

    [Theory]
    [InlineData("01a20af39f147c92b69a25a64ccb4a02")]
    [InlineData("no id at all")]
    public async Task A_call_that_never_was_is_not_found(string id) => (await Code(silo.Key, id)).ShouldBe("CALL_NOT_FOUND");

    [Fact]
    public async Task Without_a_key_a_call_is_not_told_from_one_that_is_gone_or_never_was()
    {
        var there = await silo.Accept(ids.New(time.GetUtcNow()));
        string[] all = [there.Value, ids.New(time.GetUtcNow()).Value, "01a20af39f147c92b69a25a64ccb4a02"];

        foreach (var id in all)
        {
            (await Code(null, id)).ShouldBe("KEY_MISSING");
            (await Code(KeyText.New(KeyText.KeyPrefix), id)).ShouldBe("KEY_INVALID");
            (await Code("no key at all", id)).ShouldBe("KEY_INVALID");
        }
    }

    private async Task<string?> Code(string? key, string id) => (await calls.Find(Request(key), id)).Problem?.Code;

    private static HttpRequest Request(string? key)
    {
        var request = new DefaultHttpContext().Request;
        if (key is not null)
            request.Headers["X-API-Key"] = key;
        return request;
    }
}
