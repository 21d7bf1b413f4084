using System.Text;

namespace DeployCard.Silo.Gateway;

/// <summary>The beginning of a body as text for people: what a pod said that answered with an error.</summary>
internal static class Excerpt
{
    /// <summary>How much of a body is read.</summary>
    private const int MostBytes = 1024;

    /// <summary>At most 1,000 characters, without line breaks and other control characters; empty for an empty body.</summary>
    public static async Task<string> Read(Stream body, CancellationToken cancellationToken)
    {
        var bytes = new byte[MostBytes];
        var length = await body.ReadAtLeastAsync(bytes, bytes.Length, throwOnEndOfStream: false, cancellationToken);
        var text = string.Concat(Encoding.UTF8.GetString(bytes, 0, length).Select(c => char.IsControl(c) ? ' ' : c)).Trim();
        return length == MostBytes || text.Length > 1000 ? text[..Math.Min(text.Length, 1000)].TrimEnd('\uFFFD') + "…" : text;
    }
}
