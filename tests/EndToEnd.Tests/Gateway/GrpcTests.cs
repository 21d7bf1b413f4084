using System.Text;
using DeployCard.EndToEnd.Tests.Support;
using DeployCard.Tests.GrpcEcho;
using DeployCard.Tests.Support;
using Grpc.Core;
using Grpc.Net.Client;

namespace DeployCard.EndToEnd.Tests.Gateway;

/// <summary>gRPC calls: HTTP/2 between client and gateway, and between gateway and pod.</summary>
public sealed class GrpcTests : IClassFixture<SharedGrpc>, IDisposable
{
    private readonly SharedGrpc shared;
    private readonly Uri address;
    private readonly GrpcChannel channel;
    private readonly Echo.EchoClient echo;

    public GrpcTests(SharedGrpc shared, AssemblySilo assembly)
    {
        (this.shared, address) = (shared, assembly.Http2Address);
        (channel, echo) = Client(shared.Deployment.Key);
    }

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public void Dispose() => channel.Dispose();

    [Fact]
    public async Task Unary_call_succeeds() => (await echo.SayAsync(Word("hello"), cancellationToken: Cancellation)).Text.ShouldBe("hello");

    [Fact]
    public async Task Large_message_passes_in_both_directions()
    {
        var text = new string('a', 3 << 20);
        (await echo.SayAsync(Word(text), cancellationToken: Cancellation)).Text.ShouldBe(text);
    }

    [Fact]
    public async Task Server_stream_delivers_all_messages()
    {
        using var call = echo.Repeat(new() { Text = "again", Times = 1000 }, cancellationToken: Cancellation);
        var words = await call.ResponseStream.ReadAllAsync(Cancellation).ToListAsync(Cancellation);
        words.Count.ShouldBe(1000);
        words.ShouldAllBe(word => word.Text == "again");
    }

    [Fact]
    public async Task Client_stream_delivers_all_messages()
    {
        using var call = echo.Join(cancellationToken: Cancellation);
        foreach (var text in new[] { "one ", "two ", "three" })
            await call.RequestStream.WriteAsync(Word(text), Cancellation);
        await call.RequestStream.CompleteAsync();
        (await call).Text.ShouldBe("one two three");
    }

    [Fact]
    public async Task Bidirectional_stream_delivers_each_message_when_it_is_sent()
    {
        using var call = echo.Chat(cancellationToken: Cancellation);
        for (var i = 0; i < 3; i++)
        {
            await call.RequestStream.WriteAsync(Word($"{i}"), Cancellation);
            (await call.ResponseStream.MoveNext(Cancellation)).ShouldBeTrue();
            call.ResponseStream.Current.Text.ShouldBe($"{i}");
        }

        await call.RequestStream.CompleteAsync();
        (await call.ResponseStream.MoveNext(Cancellation)).ShouldBeFalse();
    }

    [Fact]
    public async Task Metadata_and_trailers_pass_in_both_directions()
    {
        using var call = echo.FieldAsync(Word("x-mine"), new Metadata { { "x-mine", "value" } }, cancellationToken: Cancellation);
        (await call).Text.ShouldBe("value");
        (await call.ResponseHeadersAsync).GetValue("x-header").ShouldBe("value");
        call.GetTrailers().GetValue("x-trailer").ShouldBe("value");
        call.GetTrailers().GetValueBytes("x-bytes-bin").ShouldBe(Encoding.UTF8.GetBytes("value"));
    }

    [Fact]
    public async Task Key_does_not_reach_the_pod() =>
        (await echo.FieldAsync(Word("x-api-key"), cancellationToken: Cancellation)).Text.ShouldBeEmpty();

    [Fact]
    public async Task Failure_arrives_with_its_status_and_trailers()
    {
        var failure = await Should.ThrowAsync<RpcException>(() =>
            echo.FailAsync(Word("nothing"), cancellationToken: Cancellation).ResponseAsync
        );
        failure.StatusCode.ShouldBe(StatusCode.NotFound);
        failure.Status.Detail.ShouldBe("no such word: nothing");
        failure.Trailers.GetValue("x-word").ShouldBe("nothing");
    }

    [Fact]
    public async Task Unknown_method_is_unimplemented()
    {
        var marshaller = Marshallers.Create(_ => [], _ => new Word());
        var method = new Method<Word, Word>(MethodType.Unary, "deploycard.tests.Echo", "Nothing", marshaller, marshaller);
        using var call = channel
            .CreateCallInvoker()
            .AsyncUnaryCall(method, null, new CallOptions(cancellationToken: Cancellation), Word(""));
        (await Should.ThrowAsync<RpcException>(() => call.ResponseAsync)).StatusCode.ShouldBe(StatusCode.Unimplemented);
    }

    [Fact]
    public async Task Expired_deadline_ends_the_pods_call()
    {
        // Starts the pod first, so that the deadline covers only the call.
        await echo.SayAsync(Word("awake"), cancellationToken: Cancellation);
        var deadline = TimeProvider.System.GetUtcNow().AddSeconds(1).UtcDateTime;
        var failure = await Should.ThrowAsync<RpcException>(() =>
            echo.HoldAsync(Word("deadline"), deadline: deadline, cancellationToken: Cancellation).ResponseAsync
        );
        failure.StatusCode.ShouldBe(StatusCode.DeadlineExceeded);
        await Held("deadline", count => count.Ended == 1);
    }

    [Fact]
    public async Task Canceled_call_is_canceled_at_the_pod()
    {
        using var call = echo.HoldAsync(Word("cancel"), cancellationToken: Cancellation);
        await Held("cancel", count => count is { Began: 1, Ended: 0 });

        call.Dispose();

        await Held("cancel", count => count.Ended == 1);
    }

    [Fact]
    public async Task Rejected_key_is_unauthenticated()
    {
        var (other, stranger) = Client("dck_no-key-at-all");
        using (other)
        {
            var failure = await Should.ThrowAsync<RpcException>(() =>
                stranger.SayAsync(Word("hello"), cancellationToken: Cancellation).ResponseAsync
            );
            failure.StatusCode.ShouldBe(StatusCode.Unauthenticated);
        }
    }

    private static Word Word(string text) => new() { Text = text };

    private Task<Count> Held(string text, Func<Count, bool> holds) =>
        Eventually.Get(async () => await echo.EndedAsync(Word(text), cancellationToken: Cancellation), holds, Cancellation);

    private (GrpcChannel Channel, Echo.EchoClient Client) Client(string secret)
    {
        var open = GrpcChannel.ForAddress(
            address,
            new() { HttpHandler = new DeploymentHandler(shared.Deployment.Name, secret), DisposeHttpClient = true }
        );
        return (open, new(open));
    }

    /// <summary>Adds the deployment's path prefix, because a gRPC client supports no prefix before the service name.</summary>
    private sealed class DeploymentHandler(string deployment, string secret) : DelegatingHandler(new SocketsHttpHandler())
    {
        protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
        {
            request.RequestUri = new(request.RequestUri!, $"/predict/{deployment}{request.RequestUri!.AbsolutePath}");
            request.Headers.Add("X-API-Key", secret);
            return base.SendAsync(request, cancellationToken);
        }
    }
}
