namespace DeployCard.Gateway;

/// <summary>Base class of HTTP content that wraps and owns another content. The length is taken from the headers.</summary>
internal abstract class WrappedContent(HttpContent inner) : HttpContent
{
    protected HttpContent Inner { get; } = inner;

    protected sealed override bool TryComputeLength(out long length)
    {
        length = 0;
        return false;
    }

    protected sealed override void Dispose(bool disposing)
    {
        if (disposing)
            Inner.Dispose();
        base.Dispose(disposing);
    }
}
