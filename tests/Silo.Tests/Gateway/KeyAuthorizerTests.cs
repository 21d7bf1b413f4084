using DeployCard.Contracts.Access;
using DeployCard.Contracts.Keys;
using DeployCard.Contracts.Names;
using DeployCard.Gateway;
using DeployCard.Gateway.Problems;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Time.Testing;

namespace DeployCard.Silo.Tests.Gateway;

public sealed class KeyAuthorizerTests : IDisposable
{
    private readonly FakeTimeProvider time = new();
    private readonly KeyHasher hasher = new(new byte[32]);
    private readonly TestCredential test = new();
    private readonly KnownKeys known = new();
    private readonly KeyUsageTracker uses;
    private readonly KeyAuthorizer check;
    private readonly string key = KeyText.Create(KeyText.KeyPrefix);

    public KeyAuthorizerTests()
    {
        uses = TestGateway.CreateUsageTracker(time);
        check = new(hasher, known, uses, test, time);
    }

    public void Dispose()
    {
        uses.Dispose();
        hasher.Dispose();
    }

    private CompiledRoute Route(DateTimeOffset? expiresAt = null) =>
        Routes.Create(1).WithKeys(new KeyEntry("id", hasher.Hash(key), expiresAt)).Compile();

    private static HttpRequest Request(string? own = null, string? authorization = null)
    {
        var request = new DefaultHttpContext().Request;
        if (own is not null)
            request.Headers["X-API-Key"] = own;
        if (authorization is not null)
            request.Headers.Authorization = authorization;
        return request;
    }

    private async Task<string?> Problem(HttpRequest request, CompiledRoute? route = null) =>
        (await check.Authorize(request, route ?? Route()))?.Code;

    [Fact]
    public async Task Key_is_accepted_in_either_header()
    {
        (await Problem(Request(own: key))).ShouldBeNull();
        (await Problem(Request(own: $" {key} "))).ShouldBeNull();
        (await Problem(Request(authorization: $"Bearer {key}"))).ShouldBeNull();
        (await Problem(Request(authorization: $"bearer  {key}"))).ShouldBeNull();
    }

    [Fact]
    public async Task X_API_Key_takes_precedence_over_Authorization() =>
        (await Problem(Request(own: key, authorization: "Bearer for-the-model"))).ShouldBeNull();

    [Fact]
    public async Task Request_without_a_key_is_rejected_as_missing()
    {
        (await Problem(Request())).ShouldBe("KEY_MISSING");
        (await Problem(Request(authorization: "Basic dXNlcjpwYXNz"))).ShouldBe("KEY_MISSING");
    }

    [Theory]
    [InlineData("")]
    [InlineData("dck_")]
    [InlineData("not a key")]
    public async Task Malformed_key_is_invalid(string text) => (await Problem(Request(own: text))).ShouldBe("KEY_INVALID");

    [Fact]
    public async Task Mistyped_key_is_invalid_and_not_looked_up()
    {
        (await Problem(Request(own: key[..^1] + (key[^1] == 'x' ? 'y' : 'x')))).ShouldBe("KEY_INVALID");
        known.Asked.ShouldBe(0);
    }

    [Fact]
    public async Task Unknown_key_is_invalid() => (await Problem(Request(own: KeyText.Create(KeyText.KeyPrefix)))).ShouldBe("KEY_INVALID");

    [Fact]
    public async Task Administrator_token_is_not_a_key()
    {
        var token = KeyText.Create(KeyText.AdministratorPrefix);

        (await Problem(Request(authorization: $"Bearer {token}"))).ShouldBe("KEY_INVALID");
    }

    [Fact]
    public async Task Key_is_valid_until_it_expires()
    {
        var route = Route(expiresAt: time.GetUtcNow().AddSeconds(10));

        time.Advance(TimeSpan.FromSeconds(9));
        (await Problem(Request(own: key), route)).ShouldBeNull();
        time.Advance(TimeSpan.FromSeconds(1));
        (await Problem(Request(own: key), route)).ShouldBe("KEY_INVALID");
    }

    [Fact]
    public async Task Key_of_another_deployment_is_forbidden()
    {
        var other = known.Add(hasher, "digits");

        (await Problem(Request(own: other))).ShouldBe("KEY_FORBIDDEN");
    }

    [Fact]
    public async Task Revoked_or_expired_key_of_another_deployment_is_invalid()
    {
        var revoked = known.Add(hasher, "digits", k => k with { RevokedAt = time.GetUtcNow() });
        var expired = known.Add(hasher, "digits", k => k with { ExpiresAt = time.GetUtcNow() });

        (await Problem(Request(own: revoked))).ShouldBe("KEY_INVALID");
        (await Problem(Request(own: expired))).ShouldBe("KEY_INVALID");
        (await check.AuthorizeAny(Request(own: revoked))).ShouldBe(AccessProblems.KeyInvalid);
        (await check.AuthorizeAny(Request(own: expired))).ShouldBe(AccessProblems.KeyInvalid);
    }

    [Fact]
    public async Task Key_removed_from_the_route_is_invalid()
    {
        var revokedJustNow = known.Add(hasher, Routes.Iris.Value);

        (await Problem(Request(own: revokedJustNow))).ShouldBe("KEY_INVALID");
    }

    [Fact]
    public async Task Valid_key_of_any_deployment_is_recognized()
    {
        (await check.AuthorizeAny(Request(own: known.Add(hasher, "digits")))).ShouldBeNull();
        (await check.AuthorizeAny(Request(own: key))).ShouldBe(AccessProblems.KeyInvalid);
        (await check.AuthorizeAny(Request())).ShouldBe(AccessProblems.KeyMissing);
    }

    [Fact]
    public async Task Test_credential_is_valid_for_every_deployment_in_its_own_process_only()
    {
        (await Problem(Request(own: test.Text))).ShouldBeNull();
        (await Problem(Request(own: new TestCredential().Text))).ShouldBe("KEY_INVALID");
    }

    [Theory]
    [InlineData("Bearer dck_secret", true)]
    [InlineData("bearer   dck_secret", true)]
    [InlineData("Bearer dca_secret", true)]
    [InlineData("Bearer dct_secret", true)]
    [InlineData("Bearer for-the-model", false)]
    [InlineData("Basic dXNlcjpwYXNz", false)]
    [InlineData("", false)]
    public void Own_credentials_are_removed_and_those_of_the_model_are_forwarded(string authorization, bool isOurs)
    {
        var request = Request(own: "dck_secret", authorization: authorization);

        KeyAuthorizer.RemoveCredentials(request.Headers);

        request.Headers.ContainsKey("X-API-Key").ShouldBeFalse();
        request.Headers.Authorization.ToString().ShouldBe(isOurs ? "" : authorization);
    }

    [Fact]
    public void Own_credential_sent_with_another_one_is_removed()
    {
        var request = Request();
        request.Headers.Authorization = new(["Bearer for-the-model", "Bearer dck_secret"]);

        KeyAuthorizer.RemoveCredentials(request.Headers);

        request.Headers.Authorization.Count.ShouldBe(0);
    }

    [Fact]
    public void Key_use_is_recorded_with_its_time_and_queued_once_until_flushed()
    {
        var route = Route();

        check.IsAuthorized(Request(own: key), route, out var slot).ShouldBeTrue();

        slot!.LastUsedAt.ShouldBe(time.GetUtcNow());
        slot.RecordUse(time.GetUtcNow().AddSeconds(1)).ShouldBeFalse("the use is already queued");
        slot.LastUsedAt.ShouldBe(time.GetUtcNow().AddSeconds(1));
        slot.MarkFlushed();
        slot.RecordUse(time.GetUtcNow()).ShouldBeTrue();
    }

    /// <summary>Key store in memory.</summary>
    private sealed class KnownKeys : IKeyStore
    {
        private readonly Dictionary<string, KeySummary> keys = [];

        public int Asked { get; private set; }

        /// <summary>Adds a key and returns its text.</summary>
        public string Add(KeyHasher hasher, string deployment, Func<KeySummary, KeySummary>? change = null)
        {
            var text = KeyText.Create(KeyText.KeyPrefix);
            var hash = hasher.Hash(text);
            var key = new KeySummary(
                "id",
                hash,
                DeploymentName.Parse(deployment),
                "ci",
                text[..KeyText.DisplayLength],
                default,
                "ada",
                null,
                null,
                null
            );
            keys[hash] = change?.Invoke(key) ?? key;
            return text;
        }

        public Task<IReadOnlyList<KeySummary>> List(IReadOnlyList<DeploymentName> deployments, CancellationToken cancellationToken) =>
            Task.FromResult<IReadOnlyList<KeySummary>>([.. keys.Values.Where(k => deployments.Contains(k.Deployment))]);

        public Task<KeySummary?> Find(string hash, CancellationToken cancellationToken)
        {
            Asked++;
            return Task.FromResult(keys.GetValueOrDefault(hash));
        }
    }
}
