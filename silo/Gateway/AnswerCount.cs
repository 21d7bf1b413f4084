using System.IO.Pipelines;
using Microsoft.AspNetCore.Http.Features;

namespace DeployCard.Silo.Gateway;

/// <summary>
/// Counts the bytes of an answer on their way to the client: it stands before the server's own body while a request is forwarded. One serves a request
/// after another. What goes over a connection that was upgraded goes past it.
/// </summary>
internal sealed class AnswerCount : WritingStream, IHttpResponseBodyFeature
{
    private IHttpResponseBodyFeature? inner;
    private Stream? body;
    private long count;

    public Stream Stream => this;

    public PipeWriter Writer => inner!.Writer;

    /// <summary>From now on it counts.</summary>
    public void Begin(HttpContext context)
    {
        inner = context.Features.GetRequiredFeature<IHttpResponseBodyFeature>();
        (body, count) = (inner.Stream, 0);
        context.Features.Set<IHttpResponseBodyFeature>(this);
    }

    /// <summary>Gives the answer its own body back. How many bytes went; none where it had not begun.</summary>
    public long End(HttpContext context)
    {
        if (inner is null)
            return 0;
        context.Features.Set(inner);
        (inner, body) = (null, null);
        return count;
    }

    public override ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default)
    {
        count += buffer.Length;
        return body!.WriteAsync(buffer, cancellationToken);
    }

    public override Task FlushAsync(CancellationToken cancellationToken) => body!.FlushAsync(cancellationToken);

    public void DisableBuffering() => inner!.DisableBuffering();

    public Task StartAsync(CancellationToken cancellationToken = default) => inner!.StartAsync(cancellationToken);

    public Task SendFileAsync(string path, long offset, long? count, CancellationToken cancellationToken = default) =>
        inner!.SendFileAsync(path, offset, count, cancellationToken);

    public Task CompleteAsync() => inner!.CompleteAsync();
}
