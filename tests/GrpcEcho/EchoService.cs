using System.Collections.Concurrent;
using System.Text;
using Grpc.Core;

namespace DeployCard.Tests.GrpcEcho;

/// <summary>Implements the service of <c>echo.proto</c>.</summary>
internal sealed class EchoService : Echo.EchoBase
{
    private static readonly ConcurrentDictionary<string, Count> Held = new();

    public override Task<Word> Say(Word request, ServerCallContext context) => Task.FromResult(request);

    public override async Task Repeat(Repetition request, IServerStreamWriter<Word> responseStream, ServerCallContext context)
    {
        for (var i = 0; i < request.Times; i++)
            await responseStream.WriteAsync(new() { Text = request.Text }, context.CancellationToken);
    }

    public override async Task<Word> Join(IAsyncStreamReader<Word> requestStream, ServerCallContext context)
    {
        var all = new StringBuilder();
        await foreach (var word in requestStream.ReadAllAsync(context.CancellationToken))
            all.Append(word.Text);
        return new() { Text = all.ToString() };
    }

    public override async Task Chat(
        IAsyncStreamReader<Word> requestStream,
        IServerStreamWriter<Word> responseStream,
        ServerCallContext context
    )
    {
        await foreach (var word in requestStream.ReadAllAsync(context.CancellationToken))
            await responseStream.WriteAsync(word, context.CancellationToken);
    }

    public override async Task<Word> Field(Word request, ServerCallContext context)
    {
        var value = context.RequestHeaders.GetValue(request.Text) ?? "";
        await context.WriteResponseHeadersAsync(new Metadata { { "x-header", value } });
        context.ResponseTrailers.Add("x-trailer", value);
        context.ResponseTrailers.Add("x-bytes-bin", Encoding.UTF8.GetBytes(value));
        return new() { Text = value };
    }

    public override Task<Word> Fail(Word request, ServerCallContext context) =>
        throw new RpcException(
            new Status(StatusCode.NotFound, $"no such word: {request.Text}"),
            new Metadata { { "x-word", request.Text } }
        );

    public override async Task<Word> Hold(Word request, ServerCallContext context)
    {
        var count = Held.GetOrAdd(request.Text, _ => new());
        AddCounts(count, began: 1, ended: 0);
        try
        {
            await Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, context.CancellationToken);
            return request;
        }
        finally
        {
            AddCounts(count, began: 0, ended: 1);
        }
    }

    public override Task<Count> Ended(Word request, ServerCallContext context)
    {
        var count = Held.GetOrAdd(request.Text, _ => new());
        lock (count)
            return Task.FromResult(count.Clone());
    }

    private static void AddCounts(Count count, int began, int ended)
    {
        lock (count)
        {
            count.Began += began;
            count.Ended += ended;
        }
    }
}
