using System.Text;
using DeployCard.Grains.AsyncCalls;
using DeployCard.Silo.Gateway;
using DeployCard.Silo.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;

namespace DeployCard.Silo.Tests;

/// <summary>The gateway's small parts.</summary>
public sealed class PartsTests
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("/predict/d/a/b", "/a/b")]
    [InlineData("/predict/d/a%2Fb?x=%20", "/a%2Fb?x=%20")]
    [InlineData("/predict/d", "/")]
    [InlineData("/predict/d?x=1", "/?x=1")]
    [InlineData("/predict/d/", "/")]
    [InlineData("/predict/d//double", "//double")]
    public void A_target_is_cut_as_it_was_written(string raw, string target)
    {
        var context = new DefaultHttpContext();
        context.Features.Get<IHttpRequestFeature>()!.RawTarget = raw;
        PodTarget.Of(context, "d").ShouldBe(target);
    }

    [Theory]
    [InlineData("/predict/other/../d/x", "/predict/d/x", "/x")]
    [InlineData("/predict/d/a/../b", "/predict/d/b", "/b")]
    [InlineData("/predict/d/%2e%2e/d/b", "/predict/d/b", "/b")]
    public void A_target_with_dot_segments_is_taken_as_the_server_resolved_it(string raw, string path, string target)
    {
        var context = new DefaultHttpContext();
        context.Request.Path = path;
        context.Features.Get<IHttpRequestFeature>()!.RawTarget = raw;
        PodTarget.Of(context, "d").ShouldBe(target);
    }

    [Fact]
    public void Secrets_and_fields_of_one_connection_are_not_kept_with_a_call()
    {
        var headers = new HeaderDictionary
        {
            ["Content-Type"] = "application/json", ["X-Own"] = new[] { "a", "b" }, ["traceparent"] = "00-x", ["Authorization"] = "Bearer secret",
            ["Cookie"] = "secret", ["X-API-Key"] = "secret", ["Connection"] = "close", ["Transfer-Encoding"] = "chunked", ["Host"] = "h", ["X-Retention"] = "60",
        };
        var kept = CallHeaders.Kept(headers);
        kept.Select(h => $"{h.Name}={h.Value}").Order().ShouldBe(["Content-Type=application/json", "X-Own=a", "X-Own=b", "traceparent=00-x"]);
    }

    [Theory]
    [InlineData("X-Health-Timeout", "1", true)]
    [InlineData("X-Health-Timeout", "86400", true)]
    [InlineData("X-Health-Timeout", "86401", false)]
    [InlineData("X-Request-Timeout", "0", false)]
    [InlineData("X-Request-Timeout", "-1", false)]
    [InlineData("X-Request-Timeout", "1.5", false)]
    [InlineData("X-Full-Live-Timeout", "2592000", true)]
    [InlineData("X-Retention", "59", false)]
    [InlineData("Idempotency-Key", "x", false)]
    [InlineData("X-Callback-Url", "https://example.org", false)]
    public void Limits_are_read_within_their_ranges(string header, string value, bool isAllowed)
    {
        var (_, problem) = CallHeaders.Limits(new HeaderDictionary { [header] = value });
        (problem is null).ShouldBe(isAllowed);
        problem?.Detail.ShouldContain(header);
    }

    [Theory]
    [InlineData(0, false, false)]
    [InlineData(CallBody.MostInline, true, false)]
    [InlineData(CallBody.MostInline + 1, false, false)]
    [InlineData(100_000, false, false)]
    [InlineData(100_001, false, true)]
    public async Task A_body_is_kept_inline_up_to_the_bound_and_beside_the_state_beyond_it(int length, bool isInline, bool isTooLarge)
    {
        var store = new MemoryBodyStore();
        var bytes = new byte[length];
        new Random(1).NextBytes(bytes);
        using var stream = new MemoryStream(bytes);
        var (body, tooLarge) = await new BodyReader(store).Read(CallId.New(DateTimeOffset.UnixEpoch), BodyPart.Request, stream, 100_000, Cancellation);

        tooLarge.ShouldBe(isTooLarge);
        (body?.Inline is not null).ShouldBe(isInline);
        if (body is not null)
            (body.Inline ?? store.Written).ShouldBe(bytes);
    }

    [Fact]
    public async Task A_problem_has_its_code_in_body_and_header()
    {
        var context = new DefaultHttpContext { Response = { Body = new MemoryStream() } };
        RequestId.Ensure(context);
        await GatewayProblem.QueueFull(3).Write(context);
        context.Response.StatusCode.ShouldBe(503);
        context.Response.Headers["X-DeployCard-Error"].ToString().ShouldBe("QUEUE_FULL");
        context.Response.Headers.RetryAfter.ToString().ShouldBe("5");
        var text = Encoding.UTF8.GetString(((MemoryStream)context.Response.Body).ToArray());
        text.ShouldContain("\"code\":\"QUEUE_FULL\"");
        text.ShouldContain(context.Response.Headers["X-Request-Id"].ToString());
    }

    [Fact]
    public void A_data_folder_is_taken_by_one_and_keeps_its_secret()
    {
        var path = Directory.CreateTempSubdirectory("deploycard-data-").FullName;
        try
        {
            byte[] secret;
            using (var folder = DataFolder.Open(path))
            {
                secret = folder.Secret;
                secret.Length.ShouldBe(32);
                Should.Throw<StartupException>(() => DataFolder.Open(path)).Message.ShouldContain("in use");
            }

            using (var again = DataFolder.Open(path))
                again.Secret.ShouldBe(secret);
            if (!OperatingSystem.IsWindows())
                File.GetUnixFileMode(Path.Combine(path, "secret.key")).ShouldBe(UnixFileMode.UserRead | UnixFileMode.UserWrite);
            File.WriteAllText(Path.Combine(path, "secret.key"), "c2hvcnQ=");
            Should.Throw<StartupException>(() => DataFolder.Open(path)).Message.ShouldContain("secret.key");
        }
        finally
        {
            Directory.Delete(path, recursive: true);
        }
    }

    /// <summary>A double of the store, which has its own tests on a real database: it keeps what it is given.</summary>
    private sealed class MemoryBodyStore : IBodyStore
    {
        public byte[] Written { get; private set; } = [];

        public async Task<long> Write(CallId id, BodyPart part, Stream body, long most, CancellationToken cancellationToken)
        {
            using var all = new MemoryStream();
            await body.CopyToAsync(all, cancellationToken);
            Written = all.ToArray();
            return Written.Length > most ? -1 : Written.Length;
        }

        public Task<Stream?> Open(CallId id, BodyPart part, CancellationToken cancellationToken) => Task.FromResult<Stream?>(new MemoryStream(Written));

        public Task Delete(CallId id, CancellationToken cancellationToken) => Task.CompletedTask;

        public Task<int> DeleteOrphans(DateTimeOffset before, int most, CancellationToken cancellationToken) => Task.FromResult(0);
    }
}
