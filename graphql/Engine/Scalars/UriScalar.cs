using System.Diagnostics.CodeAnalysis;

namespace DeployCard.GraphQL.Engine.Scalars;

/// <summary>Scalar for an absolute URI.</summary>
internal sealed class UriScalar : StringScalar<Uri>
{
    public UriScalar()
    {
        Name = "URI";
        Description = "An absolute URI as defined by RFC 3986.";
    }

    // On Unix, a path such as /models would be parsed as an absolute file URI.
    protected override bool TryParse(string text, [NotNullWhen(true)] out Uri? value) =>
        Uri.TryCreate(text, UriKind.Absolute, out value) && !text.StartsWith('/');

    protected override object Write(Uri value) => value.OriginalString;
}
