using GraphQL.Types;

namespace DeployCard.GraphQL.Engine.Schemas;

/// <summary>An interface type made of a C# interface or abstract class that is marked so.</summary>
internal sealed class InterfaceOutputType<T> : AutoRegisteringInterfaceGraphType<T>;
