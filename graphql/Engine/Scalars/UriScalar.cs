using System.Diagnostics.CodeAnalysis;

namespace DeployCard.GraphQL.Engine.Scalars;

/// <summary>An absolute address.</summary>
internal sealed class UriScalar : StringScalar<Uri>
{
    public UriScalar()
    {
        Name = "URI";
        Description = "An absolute address, by RFC 3986.";
    }

    // On Unix a path such as /models would pass for an absolute address, that of a file.
    protected override bool TryParse(string text, [NotNullWhen(true)] out Uri? value) =>
        Uri.TryCreate(text, UriKind.Absolute, out value) && !text.StartsWith('/');

    protected override object Write(Uri value) => value.OriginalString;
}
