using System.IO.Pipelines;
using Microsoft.AspNetCore.Http.Features;

namespace DeployCard.Gateway;

/// <summary>
/// Counts the response bytes sent to the client. While a request is forwarded, this replaces the server's response body feature.
/// An instance is reused for further requests. Bytes of an upgraded connection are not counted.
/// </summary>
internal sealed class ResponseByteCounter : WriteOnlyStream, IHttpResponseBodyFeature
{
    private IHttpResponseBodyFeature? inner;
    private Stream? body;
    private long count;

    public Stream Stream => this;

    public PipeWriter Writer => inner!.Writer;

    /// <summary>Replaces the response body of <paramref name="context"/> and starts counting at 0.</summary>
    public void Attach(HttpContext context)
    {
        inner = context.Features.GetRequiredFeature<IHttpResponseBodyFeature>();
        (body, count) = (inner.Stream, 0);
        context.Features.Set<IHttpResponseBodyFeature>(this);
    }

    /// <summary>Restores the original response body. Returns the number of bytes written; 0 if counting had not started.</summary>
    public long Detach(HttpContext context)
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
