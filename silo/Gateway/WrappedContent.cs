namespace DeployCard.Silo.Gateway;

/// <summary>The content of a message in place of another one, which it owns. Its length is what its header says.</summary>
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
