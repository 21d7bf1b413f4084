using GraphQL.Validation;

namespace DeployCard.GraphQL.Engine.Errors;

/// <summary>A refusal of ours before anything is executed, with a code of ours.</summary>
internal class RefusedError : ValidationError
{
    public RefusedError(string code, string message, Dictionary<string, object?>? extensions = null)
        : base(message)
    {
        Code = code;
        Extensions = extensions;
    }
}
